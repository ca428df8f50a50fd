#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// FileIO::DeleteAll() of several stores: each deletes those of `locations` for which
/// `store_of` returns it.
template <class StoreOf>
std::vector<UndeletedFile> DeleteAllByStore(std::span<const std::string> locations,
                                            const StoreOf& store_of) {
  std::map<FileIO*, std::vector<std::string>> by_store;
  for (const std::string& location : locations) {
    FileIO& store = store_of(location);
    by_store[&store].push_back(location);
  }
  std::vector<UndeletedFile> left;
  for (const auto& [store, own] : by_store) {
    std::ranges::move(store->DeleteAll(own), std::back_inserter(left));
  }
  return left;
}

}  // namespace floe::inline v0
