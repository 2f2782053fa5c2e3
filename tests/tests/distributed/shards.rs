//! Random schedules in 1, 2 and 7 shards: the verdict, the findings and the counts of one process.
