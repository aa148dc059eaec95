// What spills on the target is not recommended for it.
#include "tuner/session/target_fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/session/toy.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Toy;

class OnTheTarget : public ::testing::Test {
 protected:
  OnTheTarget() {
    // Else all of them have one image.
    toy_.folder().write("kernels/toy/plain.cu", "int of = PARAM_block * PARAM_unroll;\n");
    toy_.change_problem("\"Toy\"", "\"A toy\"");
    toy_.script["times"] = {
        {"plain block=256 unroll=1", 1.0}, {"plain block=192 unroll=1", 1.01}, {"plain block=128 unroll=2", 1.02}};
    toy_.script["noise"] = 0;
    toy_.open_store();
  }
  /// Swept for an RTX 4090 by one scripted worker, compiled for it by another.
  tuner::Run sweep(bool compiles = true, bool all = false) {
    auto request = toy_.request();
    request.target = "rtx4090";
    auto environment = toy_.environment();
    if (compiles) environment.target_images.build = image_stream(toy_.worker("compiler.json"));
    environment.target_images.all = all;
    auto session = Session::start(request, environment);
    if (!session) throw std::runtime_error(session.error().message());
    auto run = (*session)->wait();
    toy_.last = (*session)->snapshot();
    if (!run) throw std::runtime_error(run.error().message());
    return std::move(*run);
  }
  Toy toy_;
};

TEST_F(OnTheTarget, TheBestIsKnownNotToSpillWhereItWasCompiled) {
  const tuner::Run run = sweep();
  ASSERT_TRUE(run.info.target_fit);
  EXPECT_EQ(run.info.target_fit->misfit, "");
  EXPECT_THAT(run.info.target_fit->unfit, IsEmpty());
  EXPECT_TRUE(run.info.target_fit->compiles(run.ranked().front()->sequence));
  EXPECT_LE(toy_.logged("build sm_89"), 8) << "a few, and not the whole space";
  const auto kept = toy_.store->load(run.info.id);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->info.target_fit->compiled, run.info.target_fit->compiled);
}

TEST_F(OnTheTarget, WhatSpillsThereIsNotNamedAndTheNextThatDoesNotIs) {
  toy_.script["spills"] = {{"block=256", 48}, {"plain block=192 unroll=1", 8}};
  const tuner::Run run = sweep();
  ASSERT_TRUE(run.info.target_fit);
  EXPECT_EQ(run.ranked().front()->configuration.key(), "plain block=256 unroll=1") << "as it is on the device measured";
  EXPECT_EQ(run.info.target_fit->misfit, "compiled for it, it spills 48 bytes of registers");
  ASSERT_NE(run.best_for_target(), nullptr);
  EXPECT_EQ(run.best_for_target()->configuration.key(), "plain block=128 unroll=2");
  EXPECT_THAT(run.info.target_fit->unfit, Contains(run.ranked().front()->sequence));
  EXPECT_FALSE(projected(run.info, *run.ranked().front()));
  const TargetRanking there = rank_on_target(run);
  for (const std::size_t place : there.order)
    EXPECT_THAT(run.evaluations[place].configuration.key(), Not(HasSubstr("block=256 unroll=1")));
}

TEST_F(OnTheTarget, ByTheTargetAllThatCannotBeToldFromTheFirstIsCompiled) {
  const tuner::Run few = sweep();
  const tuner::Run run = sweep(true, true);
  EXPECT_GT(run.info.target_fit->compiled.size(), few.info.target_fit->compiled.size());
  const TargetRanking there = rank_on_target(run);
  for (std::size_t i = 0; i < there.together; ++i)
    EXPECT_TRUE(run.info.target_fit->compiles(run.evaluations[there.order[i]].sequence));
}

TEST_F(OnTheTarget, WithoutACompilerItIsNotKnown) {
  const tuner::Run run = sweep(false);
  ASSERT_TRUE(run.info.target_fit);
  EXPECT_EQ(run.info.target_fit->misfit, "");
  EXPECT_THAT(run.info.target_fit->compiled, IsEmpty());
  EXPECT_EQ(toy_.logged("build"), 0);
}

TEST_F(OnTheTarget, ARunThatIsKeptLearnsItLater) {
  tuner::Run run = sweep(false);
  toy_.script["spills"]["block=256"] = 48;
  TargetImages images;
  images.build = image_stream(toy_.worker("compiler.json"));
  EXPECT_THAT(learn_target_fit(run, *toy_.environment().catalog, images), IsEmpty());
  EXPECT_EQ(run.best_for_target()->configuration.key(), "plain block=192 unroll=1");
  images.build = image_stream("exit 3");
  tuner::Run other = run;
  EXPECT_THAT(learn_target_fit(other, *toy_.environment().catalog, images),
              ElementsAre(HasSubstr("whether configurations spill on NVIDIA GeForce RTX 4090 is not known: no kernels "
                                    "can be compiled")));
  EXPECT_EQ(other.info.target_fit->misfit, "") << "what was thought of it before is not kept";
  EXPECT_THAT(other.info.target_fit->compiled, IsEmpty());
  other.info.problem = "another";
  EXPECT_THAT(learn_target_fit(other, *toy_.environment().catalog, images), IsEmpty());
}

}  // namespace
}  // namespace fuseline::tuner
