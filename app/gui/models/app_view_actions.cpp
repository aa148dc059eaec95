// What changes how things look.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "app/gui/models/about.hpp"
#include "app/gui/models/app.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

/// Of a view that the run on show does not have.
std::string why_not(tuner::RooflineView view) {
  switch (view) {
    case tuner::RooflineView::target:
      return "nothing of this run can be projected on a target";
    case tuner::RooflineView::instructions:
      return "no configuration of this run has counters of warp instructions and DRAM bytes";
    case tuner::RooflineView::measured:
      break;
  }
  return "the run says nothing of bytes and operations";
}

void add_roofline_actions(App& app) {
  app.actions.add({"roofline.fit", "Fit the roofline", "Ctrl+0", [&app](const std::string&) {
                     app.whole_roofline = true;
                     app.fit_view();
                     return done();
                   }});
  app.actions.add({"roofline.fit_points", "Fit the roofline to the points", "Ctrl+Shift+0",
                   [&app](const std::string&) {
                     app.whole_roofline = false;
                     app.fit_view();
                     return done();
                   },
                   [&app] { return !app.scene.marks().empty(); }});
  app.actions.add(
      {"roofline.colour",
       "Colour the points by",
       "",
       [&app](const std::string& id) -> Result<void> {
         const auto& choices = app.scene.choices();
         if (std::none_of(choices.begin(), choices.end(), [&](const ColourChoice& choice) { return choice.id == id; }))
           return tuner::bad_input("points cannot be coloured by '" + id + "'");
         app.scene.colour_by(id);
         return {};
       },
       {},
       "COLUMN",
       [&app] {
         std::vector<std::string> ids;
         for (const ColourChoice& choice : app.scene.choices()) ids.push_back(choice.id);
         return ids;
       }});
  app.actions.add({"roofline.level",
                   "Count intensity by",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     for (const Level level : {Level::compulsory, Level::dram, Level::l2, Level::l1}) {
                       if (to_string(level) != text) continue;
                       if (!app.scene.has(level))
                         return tuner::bad_input("no configuration of this run has the counters for " + text);
                       app.scene.set_level(level);
                       app.view.fit();
                       return {};
                     }
                     return tuner::bad_input("intensity cannot be counted by '" + text + "'");
                   },
                   {},
                   "LEVEL",
                   [&app] {
                     std::vector<std::string> texts;
                     for (const Level level : {Level::compulsory, Level::dram, Level::l2, Level::l1}) {
                       if (app.scene.has(level)) texts.emplace_back(to_string(level));
                     }
                     return texts;
                   }});
  app.actions.add({"roofline.view",
                   "Roofline as measured, as on the target, or by warp instructions",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     const auto view = view_named(text);
                     if (!view)
                       return tuner::bad_input("the roofline is shown as measured, target or instructions, not '" +
                                               text + "'");
                     if (!app.scene.has(*view)) return tuner::bad_input(why_not(*view));
                     app.scene.set_view(*view);
                     app.view.fit();
                     return {};
                   },
                   {},
                   "measured|target|instructions",
                   [&app] {
                     std::vector<std::string> names;
                     for (const auto view : kRooflineViews) {
                       if (app.scene.has(view)) names.push_back(view_name(view));
                     }
                     return names;
                   }});
  app.actions.add({"samples.view",
                   "Samples as a distribution, or by round of the finals",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     if (text != "distribution" && text != "rounds")
                       return tuner::bad_input("samples are shown as a distribution or by rounds, not '" + text + "'");
                     app.samples_by_round = text == "rounds";
                     return {};
                   },
                   {},
                   "distribution|rounds",
                   [] {
                     return std::vector<std::string>{"distribution", "rounds"};
                   }});
  app.actions.add({"target.also",
                   "Another target on the roofline, or no more",
                   "",
                   [&app](const std::string& name) -> Result<void> {
                     if (app.devices.target(name) == nullptr) return tuner::bad_input("unknown target '" + name + "'");
                     auto& also = app.settings.also_targets;
                     if (std::erase(also, name) == 0) also.push_back(name);
                     return {};
                   },
                   {},
                   "TARGET",
                   [&app] {
                     std::vector<std::string> names;
                     for (const tuner::Target& target : app.devices.targets()) names.push_back(target.name);
                     return names;
                   }});
  app.actions.add({"roofline.units",
                   "Roofs of issue slots, special functions and shared memory",
                   "",
                   [&app](const std::string&) {
                     app.scene.set_units(!app.scene.units());
                     return done();
                   },
                   [&app] { return app.scene.has_units() && app.scene.as_measured(); },
                   "",
                   {},
                   [&app] { return app.scene.units(); }});
  app.actions.add({"roofline.strip",
                   "Share of copy beside the roofline",
                   "",
                   [&app](const std::string&) {
                     app.strip = !app.strip;
                     return done();
                   },
                   {},
                   "",
                   {},
                   [&app] { return app.strip; }});
}

void add_appearance_actions(App& app) {
  app.actions.add({"view.theme",
                   "Light or dark theme",
                   "Ctrl+Shift+T",
                   [&app](const std::string& name) -> Result<void> {
                     if (!name.empty() && name != "light" && name != "dark")
                       return tuner::bad_input("themes are light and dark, not '" + name + "'");
                     app.settings.dark = name.empty() ? !app.settings.dark : name == "dark";
                     return {};
                   },
                   {},
                   "light|dark",
                   [] {
                     return std::vector<std::string>{"light", "dark"};
                   }});
  app.actions.add({"export.theme",
                   "Plots in files are",
                   "",
                   [&app](const std::string& name) -> Result<void> {
                     if (name != "window" && name != "light" && name != "dark")
                       return tuner::bad_input("plots in files are light, dark, or as the window, not '" + name + "'");
                     app.settings.plot_theme = name == "window" ? "" : name;
                     return {};
                   },
                   {},
                   "light|dark|window",
                   [] {
                     return std::vector<std::string>{"light", "dark", "window"};
                   }});
  const auto set_scale = [&app](float scale) {
    app.settings.scale = std::clamp(scale, 0.5F, 4.F);
    return done();
  };
  app.actions.add({"view.larger", "Larger", "Ctrl+Plus",
                   [&app, set_scale](const std::string&) { return set_scale(app.settings.scale * 1.1F); }});
  app.actions.add({"view.smaller", "Smaller", "Ctrl+Minus",
                   [&app, set_scale](const std::string&) { return set_scale(app.settings.scale / 1.1F); }});
  app.actions.add({"view.scale",
                   "Scale",
                   "",
                   [set_scale](const std::string& text) -> Result<void> {
                     char* end = nullptr;
                     const float scale = std::strtof(text.c_str(), &end);
                     if (text.empty() || *end != 0 || !std::isfinite(scale) || scale < 0.5F || scale > 4.F)
                       return tuner::bad_input("a scale is a number from 0.5 to 4, not '" + text + "'");
                     return set_scale(scale);
                   },
                   {},
                   "1",
                   [] {
                     return std::vector<std::string>{"1", "1.25", "1.5", "2"};
                   }});
}

void add_why_actions(App& app) {
  app.actions.add({"why.variant",
                   "Effects of parameters within",
                   "",
                   [&app](const std::string& name) -> Result<void> {
                     const auto known = app.variants_on_show();
                     if (name != kEveryVariant && std::find(known.begin(), known.end(), name) == known.end())
                       return tuner::bad_input("the run on show has no variant '" + name + "'; * is all of them");
                     app.set_why_variant(name);
                     return {};
                   },
                   {},
                   "VARIANT|*",
                   [&app] {
                     auto names = app.variants_on_show();
                     names.insert(names.begin(), kEveryVariant);
                     return names;
                   }});
}

void add_panel_actions(App& app) {
  const auto panels = [&app] {
    std::vector<std::string> ids;
    for (const PanelPlace& place : app.layout.panels()) ids.push_back(place.id);
    return ids;
  };
  const auto check = [&app](const std::string& id) -> Result<void> {
    const auto& all = app.layout.panels();
    if (std::none_of(all.begin(), all.end(), [&](const PanelPlace& place) { return place.id == id; }))
      return tuner::bad_input("there is no panel '" + id + "'");
    return {};
  };
  app.actions.add({"panel.show",
                   "Show the panel",
                   "",
                   [&app, check](const std::string& id) -> Result<void> {
                     FUSELINE_CHECK(check(id));
                     app.layout.activate(id);
                     app.dialogs.panel = id;
                     return {};
                   },
                   {},
                   "PANEL",
                   panels});
  app.actions.add({"panel.move",
                   "Move a panel to another area",
                   "",
                   [&app, check](const std::string& text) -> Result<void> {
                     const std::size_t equals = text.find('=');
                     FUSELINE_CHECK(check(text.substr(0, equals)));
                     Area area = Area::centre_top;
                     if (equals == std::string::npos || !area_from_string(text.substr(equals + 1), area))
                       return tuner::bad_input(
                           "'" + text + "' names no area: write why=left_bottom, or right_top, second_window, ...");
                     app.layout.move(text.substr(0, equals), area);
                     return {};
                   },
                   {},
                   "PANEL=AREA",
                   [&app] {
                     std::vector<std::string> places;
                     for (const PanelPlace& place : app.layout.panels()) {
                       for (std::size_t area = 0; area < kAreas; ++area) {
                         if (place.area != static_cast<Area>(area))
                           places.push_back(place.id + "=" + to_string(static_cast<Area>(area)));
                       }
                     }
                     return places;
                   }});
  app.actions.add({"panel.tear_off",
                   "Tear a panel off into the second window",
                   "",
                   [&app, check](const std::string& id) -> Result<void> {
                     FUSELINE_CHECK(check(id));
                     app.layout.move(id, Area::second_window);
                     app.dialogs.panel = id;
                     return {};
                   },
                   {},
                   "PANEL",
                   panels});
  const auto torn_off = [&app] {
    std::vector<std::string> ids;
    for (const PanelPlace& place : app.layout.panels()) {
      if (place.area == Area::second_window) ids.push_back(place.id);
    }
    return ids;
  };
  app.actions.add({"panel.put_back", "Put a panel back into the main window", "",
                   [&app, check, torn_off](const std::string& id) -> Result<void> {
                     FUSELINE_CHECK(check(id));
                     const std::vector<std::string> there = torn_off();
                     if (std::find(there.begin(), there.end(), id) == there.end())
                       return tuner::bad_input("the panel '" + id + "' is in the main window already");
                     app.layout.put_back(id);
                     app.dialogs.panel = id;
                     return {};
                   },
                   [torn_off] { return !torn_off().empty(); }, "PANEL", torn_off});
  app.actions.add({"window.close_second", "Close the second window", "",
                   [&app](const std::string&) {
                     app.layout.put_all_back();
                     return done();
                   },
                   [torn_off] { return !torn_off().empty(); }});
  app.actions.add({"panel.hide",
                   "Hide the panel",
                   "",
                   [&app, check](const std::string& id) -> Result<void> {
                     FUSELINE_CHECK(check(id));
                     app.layout.show(id, false);
                     return {};
                   },
                   {},
                   "PANEL",
                   panels});
  app.actions.add({"layout.reset", "Reset the layout", "", [&app](const std::string&) {
                     app.layout.reset();
                     return done();
                   }});
  app.actions.add({"compare.selected", "Compare the selected and the pinned", "Ctrl+D",
                   [&app](const std::string&) {
                     app.layout.activate("compare");
                     return done();
                   },
                   [&app] { return compared(app.data, app.pins.ordered(), app.selection.items()).size() >= 2; }});
}

void add_program_actions(App& app) {
  const auto open = [&app](bool Dialogs::*dialog) {
    return [&app, dialog](const std::string&) {
      app.dialogs.*dialog = true;
      return done();
    };
  };
  app.actions.add({"palette.open", "Command palette", "Ctrl+P or Ctrl+Shift+P", open(&Dialogs::palette)});
  const auto menus = [] { return std::vector<std::string>{"file", "sweep", "selection", "view", "help"}; };
  app.actions.add({"menu.open",
                   "Open the menu",
                   "F10",
                   [&app, menus](const std::string& name) -> Result<void> {
                     const auto known = menus();
                     if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end())
                       return tuner::bad_input("there is no menu '" + name + "'");
                     app.dialogs.menu = name.empty() ? known.front() : name;
                     return {};
                   },
                   {},
                   "MENU",
                   menus});
  static constexpr std::array<std::array<const char*, 3>, 5> mnemonics = {
      {{"file", "Open the menu File", "Alt+F"},
       {"sweep", "Open the menu Sweep", "Alt+S"},
       {"selection", "Open the menu Selection", "Alt+L"},
       {"view", "Open the menu View", "Alt+V"},
       {"help", "Open the menu Help", "Alt+H"}}};
  for (const auto& [name, title, shortcut] : mnemonics) {
    app.actions.add(
        {std::string("menu.") + name, title, shortcut, [&app, name = std::string(name)](const std::string&) {
           app.dialogs.menu = name;
           return done();
         }});
  }
  app.actions.add({"help.shortcuts", "Keyboard and mouse", "F1", open(&Dialogs::shortcuts)});
  app.actions.add({"help.about", "About Fuseline", "", open(&Dialogs::about)});
  app.actions.add({"copy.diagnostics", "Copy what a report of a fault needs", "",
                   [&app](const std::string&) { return app.copy(diagnostics_text(app), "diagnostics"); },
                   [&app] { return static_cast<bool>(app.set_clipboard); }});
  app.actions.add({"messages.dismiss", "Dismiss all messages", "", [&app](const std::string&) {
                     app.messages.dismiss_all();
                     return done();
                   }});
  app.actions.add({"program.quit", "Quit", "Ctrl+Q", [&app](const std::string&) {
                     app.quit = true;
                     return done();
                   }});
}

}  // namespace

void add_view_actions(App& app) {
  add_roofline_actions(app);
  add_appearance_actions(app);
  add_why_actions(app);
  add_panel_actions(app);
  add_program_actions(app);
}

}  // namespace fuseline::app::gui
