/** The deeds of ukeyctl, one function per command. */
#pragma once
#include "options.h"

namespace ukeyctl {

void createKey(const Options& options);
void listKeys(const Options& options);
void insertKey(const Options& options);
void removeKey(const Options& options);
void lockKey(const Options& options);
void setCounters(const Options& options);
void setFreeSpace(const Options& options);
void deleteKey(const Options& options);
void changeFaults(const Options& options);

}  // namespace ukeyctl
