#include "floe/dml/delete_rows.h"

#include <string>
#include <utility>
#include <vector>

#include "dml/check_options.h"
#include "dml/delete_plan.h"
#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

void DeleteRows(Transaction* transaction, const ExpressionPtr& filter,
                const WriteOptions& options) {
  const Table table = transaction->Staged();
  CheckOptions(table, options);
  DeletePlan plan(transaction, filter, options);
  if (plan.has_rows()) {
    std::vector<std::string> written;
    auto change = plan.Write(table, &written);
    transaction->Add(std::move(change), std::move(written));
  }
}

Table DeleteRows(const Table& table, const ExpressionPtr& filter, const WriteOptions& options) {
  Transaction transaction(table, {.retry = options.retry, .stop = options.stop});
  DeleteRows(&transaction, filter, options);
  return transaction.Commit();
}

}  // namespace floe::inline v0
