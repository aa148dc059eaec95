#include "tuner/run/covering.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

namespace fuseline::tuner {
namespace {

using Set = std::vector<std::size_t>;

/// With so many columns that no other dominates, comparing further ones with all of them is not worth it.
constexpr std::size_t kMostCompared = 4096;

/// Lower is better.
struct Score {
  std::size_t unserved = 0;
  double cost = 0;
  std::size_t not_free = 0;  ///< Pairs of column and row that do not cost 0.
  double fine = 0;

  [[nodiscard]] auto all() const { return std::tie(unserved, cost, not_free, fine); }
  /// Whether it serves more, or costs less; not only for the sake of order.
  [[nodiscard]] bool gains_on(const Score& other) const {
    return std::tie(unserved, cost) < std::tie(other.unserved, other.cost);
  }
};

/// Cost and fine of the cheapest column in each row.
using Minima = std::vector<std::pair<double, double>>;

struct Summed {
  std::size_t unserved = 0, free = 0;
  double cost = 0, fine = 0;
};

Summed summed(const CoverColumn& column) {
  Summed sums;
  for (std::size_t row = 0; row < column.costs.size(); ++row) {
    const double cost = column.costs[row];
    sums.unserved += cost == kNoCost ? 1 : 0;
    sums.free += cost == 0 ? 1 : 0;
    if (cost == kNoCost) continue;
    sums.cost += cost;
    sums.fine += column.fine[row];
  }
  return sums;
}

/// The columns that no other makes superfluous, those that serve most and cost least first.
Set undominated(const std::vector<CoverColumn>& columns, const std::vector<Summed>& sums) {
  Set order(columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t i) { return std::tuple(sums[i].unserved, sums[i].cost, sums[i].fine, i); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  Set kept;
  for (const std::size_t each : order) {
    const auto& costs = columns[each].costs;
    const bool dominated = kept.size() < kMostCompared && std::any_of(kept.begin(), kept.end(), [&](std::size_t other) {
                             return std::equal(costs.begin(), costs.end(), columns[other].costs.begin(),
                                               [](double mine, double others) { return others <= mine; });
                           });
    if (!dominated) kept.push_back(each);
  }
  return kept;
}

class Search {
 public:
  Search(const std::vector<CoverColumn>& columns, std::size_t most) : columns_(columns), most_(most) {
    for (const CoverColumn& column : columns) sums_.push_back(summed(column));
    candidates_ = undominated(columns, sums_);
  }

  [[nodiscard]] Covers run(std::uint64_t most_sets) {
    Covers covers;
    covers.exact = sets() <= static_cast<double>(most_sets);
    Score before;
    for (std::size_t size = 1; size <= std::min(most_, candidates_.size()); ++size) {
      Set set = covers.exact ? best_of(size) : grown(covers.by_size.empty() ? Set{} : covers.by_size.back());
      const Score now = score(set);
      if (size > 1 && !now.gains_on(before)) break;
      before = now;
      std::sort(set.begin(), set.end());
      covers.by_size.push_back(std::move(set));
    }
    return covers;
  }

 private:
  [[nodiscard]] std::size_t rows() const { return columns_.front().costs.size(); }

  /// How many sets of at most `most_` candidates there are.
  [[nodiscard]] double sets() const {
    double all = 0, of_size = 1;
    for (std::size_t size = 1; size <= std::min(most_, candidates_.size()); ++size) {
      of_size *= static_cast<double>(candidates_.size() - size + 1) / static_cast<double>(size);
      all += of_size;
    }
    return all;
  }

  void lower(Minima& minima, std::size_t column) const {
    const CoverColumn& added = columns_[column];
    for (std::size_t row = 0; row < minima.size(); ++row)
      minima[row] = std::min(minima[row], std::pair{added.costs[row], added.fine[row]});
  }

  [[nodiscard]] Score score(const Minima& minima, const Set& set) const {
    Score score;
    score.not_free = set.size() * minima.size();
    for (const std::size_t column : set) score.not_free -= sums_[column].free;
    for (const auto& [cost, fine] : minima) {
      if (cost == kNoCost) {
        ++score.unserved;
      } else {
        score.cost += cost;
        score.fine += fine;
      }
    }
    return score;
  }

  [[nodiscard]] Score score(const Set& set) const {
    Minima minima = nothing();
    for (const std::size_t column : set) lower(minima, column);
    return score(minima, set);
  }

  [[nodiscard]] Minima nothing() const { return Minima(rows(), {kNoCost, kNoCost}); }

  /// The best of all sets of that size.
  [[nodiscard]] Set best_of(std::size_t size) {
    best_.clear();
    Set set;
    extend(set, 0, size, nothing());
    return best_;
  }

  void extend(Set& set, std::size_t from, std::size_t size, const Minima& minima) {
    if (set.size() == size) {
      const Score now = score(minima, set);
      if (best_.empty() || now.all() < best_score_.all()) {
        best_ = set;
        best_score_ = now;
      }
      return;
    }
    const std::size_t wanted = size - set.size();
    for (std::size_t i = from; i + wanted <= candidates_.size(); ++i) {
      Minima lowered = minima;
      lower(lowered, candidates_[i]);
      set.push_back(candidates_[i]);
      extend(set, i + 1, size, lowered);
      set.pop_back();
    }
  }

  /// One more column than `set`: the one that helps most, then exchanges as long as one helps.
  [[nodiscard]] Set grown(Set set) const {
    set.push_back(columns_.size());
    (void)replace(set, set.size() - 1, nullptr);
    for (bool better = true; better;) {
      better = false;
      for (std::size_t place = 0; place < set.size(); ++place) {
        const Score now = score(set);
        better = replace(set, place, &now) || better;
      }
    }
    return set;
  }

  /// Puts the best candidate in one place of the set; whether that is better than `now` (null: than nothing).
  [[nodiscard]] bool replace(Set& set, std::size_t place, const Score* now) const {
    Minima others = nothing();
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (i != place) lower(others, set[i]);
    }
    Set tried = set;
    std::optional<Score> best;
    if (now != nullptr) best = *now;
    bool found = false;
    for (const std::size_t candidate : candidates_) {
      tried[place] = candidate;
      if (std::count(tried.begin(), tried.end(), candidate) > 1) continue;
      Minima lowered = others;
      lower(lowered, candidate);
      const Score with = score(lowered, tried);
      if (best && !(with.all() < best->all())) continue;
      best = with;
      set[place] = candidate;
      found = true;
    }
    return found;
  }

  const std::vector<CoverColumn>& columns_;
  std::size_t most_;
  std::vector<Summed> sums_;
  Set candidates_, best_;
  Score best_score_;
};

}  // namespace

Covers best_covers(const std::vector<CoverColumn>& columns, std::size_t most, std::uint64_t most_sets) {
  return Search(columns, most).run(most_sets);
}

std::optional<std::size_t> server_of(const std::vector<CoverColumn>& columns, const std::vector<std::size_t>& set,
                                     std::size_t row) {
  std::optional<std::size_t> found;
  const auto numbers = [&](std::size_t place) {
    return std::pair{columns[set[place]].costs[row], columns[set[place]].fine[row]};
  };
  for (std::size_t place = 0; place < set.size(); ++place) {
    if (numbers(place).first == kNoCost) continue;
    if (!found || numbers(place) < numbers(*found)) found = place;
  }
  return found;
}

}  // namespace fuseline::tuner
