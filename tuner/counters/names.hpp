// Names of the metrics that Fuseline reasons about, as the profiling libraries spell them.
#pragma once

namespace fuseline::tuner::metric {

inline constexpr const char* kSmThroughput = "sm__throughput.avg.pct_of_peak_sustained_elapsed";
inline constexpr const char* kWarpsActive = "sm__warps_active.avg.pct_of_peak_sustained_active";
inline constexpr const char* kDramThroughput = "dram__throughput.avg.pct_of_peak_sustained_elapsed";
inline constexpr const char* kL2HitRate = "lts__t_sector_hit_rate.pct";
inline constexpr const char* kGridSize = "launch__grid_size";  ///< Of the first launch; no hardware counter.
inline constexpr const char* kDuration = "gpu__time_duration.sum";

inline constexpr const char* kDramRead = "dram__bytes_read.sum";
inline constexpr const char* kDramWritten = "dram__bytes_write.sum";
inline constexpr const char* kL2Bytes = "lts__t_bytes.sum";
inline constexpr const char* kL1Bytes = "l1tex__t_bytes.sum";
inline constexpr const char* kL2Throughput = "lts__throughput.avg.pct_of_peak_sustained_elapsed";

inline constexpr const char* kFadd = "smsp__sass_thread_inst_executed_op_fadd_pred_on.sum";
inline constexpr const char* kFmul = "smsp__sass_thread_inst_executed_op_fmul_pred_on.sum";
inline constexpr const char* kFfma = "smsp__sass_thread_inst_executed_op_ffma_pred_on.sum";
inline constexpr const char* kHadd = "smsp__sass_thread_inst_executed_op_hadd_pred_on.sum";
inline constexpr const char* kHmul = "smsp__sass_thread_inst_executed_op_hmul_pred_on.sum";
inline constexpr const char* kHfma = "smsp__sass_thread_inst_executed_op_hfma_pred_on.sum";

inline constexpr const char* kInstructions = "smsp__inst_executed.sum";
inline constexpr const char* kIssueActive = "smsp__issue_active.avg.pct_of_peak_sustained_active";
inline constexpr const char* kSpecial = "sm__inst_executed_pipe_xu.sum";
inline constexpr const char* kSpecialBusy = "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active";
inline constexpr const char* kGlobalStores = "smsp__inst_executed_op_global_st.sum";
inline constexpr const char* kSharedConflicts = "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum";
inline constexpr const char* kSharedBusy =
    "l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed";

// SASS metrics of one instruction, without their prefix "smsp__sass_".
inline constexpr const char* kSassExecuted = "inst_executed";  ///< Warp instructions.
inline constexpr const char* kSassThreads = "thread_inst_executed";
inline constexpr const char* kSassSectorsGlobal = "sectors_mem_global";  ///< Of 32 bytes; "_ideal": the fewest.
inline constexpr const char* kSassSectorsLocal = "sectors_mem_local";
inline constexpr const char* kSassWavefronts = "l1tex_pipe_lsu_wavefronts_mem_shared";
inline constexpr const char* kSassIdeal = "_ideal";

inline constexpr const char* kStallLongScoreboard =
    "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio";
inline constexpr const char* kStallShortScoreboard =
    "smsp__average_warps_issue_stalled_short_scoreboard_per_issue_active.ratio";
inline constexpr const char* kStallBarrier = "smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio";
inline constexpr const char* kStallMioThrottle =
    "smsp__average_warps_issue_stalled_mio_throttle_per_issue_active.ratio";
inline constexpr const char* kStallMathPipe =
    "smsp__average_warps_issue_stalled_math_pipe_throttle_per_issue_active.ratio";
inline constexpr const char* kStallLgThrottle = "smsp__average_warps_issue_stalled_lg_throttle_per_issue_active.ratio";
inline constexpr const char* kStallWait = "smsp__average_warps_issue_stalled_wait_per_issue_active.ratio";
inline constexpr const char* kStallNotSelected =
    "smsp__average_warps_issue_stalled_not_selected_per_issue_active.ratio";

}  // namespace fuseline::tuner::metric
