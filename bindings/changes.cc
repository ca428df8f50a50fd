#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "bindings.h"
#include "defaults.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/commit/cherry_pick.h"
#include "floe/commit/update_refs.h"
#include "floe/commit/update_schema.h"
#include "floe/commit/update_settings.h"
#include "floe/commit/update_sort_order.h"
#include "floe/commit/update_spec.h"
#include "floe/commit/update_statistics.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/update.h"
#include "floe/metadata/update_json.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/sort_order_editor.h"
#include "floe/partition/spec.h"
#include "floe/partition/spec_editor.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/schema_editor.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "floe/table/table.h"
#include "schema/schema_json.h"

namespace floe::bindings {
namespace {

/// Edits that are made at once, so that what is wrong with one is said where it is asked for,
/// and kept, to be made again on what the table is when it is committed.
template <class Editor>
class Edits {
 public:
  explicit Edits(Editor editor) : editor_(std::move(editor)) {}

  void Do(std::function<void(Editor&)> edit) {
    Editor tried = editor_;
    edit(tried);
    editor_ = std::move(tried);
    edits_.push_back(std::move(edit));
  }

  const Editor& editor() const { return editor_; }
  std::function<void(Editor&)> All() const {
    return [edits = edits_](Editor& editor) {
      for (const auto& edit : edits) {
        edit(editor);
      }
    };
  }

 private:
  Editor editor_;
  std::vector<std::function<void(Editor&)>> edits_;
};

struct SchemaEdits : Edits<SchemaEditor> {
  SchemaEdits(const Table& table, UpdateSchema::Options given)
      : Edits(UpdateSchema::EditorFor(table.metadata(), given)), options(given) {}
  UpdateSchema::Options options;
};

struct SpecEdits : Edits<SpecEditor> {
  SpecEdits(const Table& table, bool given)
      : Edits(UpdateSpec::EditorFor(table.metadata(), given)), case_sensitive(given) {}
  bool case_sensitive;
};

struct SortOrderEdits : Edits<SortOrderEditor> {
  SortOrderEdits(const Table& table, bool given)
      : Edits(UpdateSortOrder::EditorFor(table.metadata(), given)), case_sensitive(given) {}
  bool case_sensitive;
};

struct RefEdits : Edits<RefEditor> {
  explicit RefEdits(const Table& given) : Edits(RefEditor(given.metadata())), table(given) {}
  Table table;  // which the editor refers to
};

Type TypeFromJson(const std::string& json) {
  std::optional<Type> type;
  JsonDocument document(R"({"type":)" + json + "}", "column", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) {
    root.ForEachMember(
        [&](std::string_view /*name*/, JsonValue& member) { type.emplace(ReadType(member)); });
  });
  return *std::move(type);
}

/// A method of the editor that takes texts, as a method of its edits.
template <class Edited, class Editor, class... Texts>
auto Method(void (Editor::*method)(Texts...)) {
  return [method](Edited& self, std::decay_t<Texts>... texts) {
    self.Do([method, texts...](Editor& editor) { (editor.*method)(texts...); });
  };
}

/// A default of `column`, which errors name.
Value DefaultOf(const std::string& column, nb::handle value, const Type& type) {
  try {
    return ValueFromPython(value, type);
  } catch (const InvalidArgumentError& error) {
    throw InvalidArgumentError("column '" + column + "': " + error.message(),
                               {.column = column});
  }
}

void RegisterSchemaEdits(nb::module_& module) {
  nb::class_<SchemaEdits>(module, "SchemaEdits", "Changes of a table's columns.")
      .def(
          "__init__",
          [](SchemaEdits* self, const Table& table, bool allow_incompatible,
             bool case_sensitive) {
            new (self) SchemaEdits(table, {allow_incompatible, case_sensitive});
          },
          nb::arg("table"), nb::arg("allow_incompatible"), nb::arg("case_sensitive"))
      .def(
          "add_column",
          [](SchemaEdits& self, const std::string& parent, const std::string& name,
             const std::string& type, bool required, const std::string& doc,
             nb::handle default_value) {
            NewColumn column{name, TypeFromJson(type), required, doc};
            if (!default_value.is_none()) {
              column.initial_default = DefaultOf(name, default_value, column.type);
              column.write_default = column.initial_default;
            }
            self.Do([=](SchemaEditor& editor) { editor.AddColumn(parent, column); });
          },
          nb::arg("parent"), nb::arg("name"), nb::arg("type"), nb::arg("required"),
          nb::arg("doc"), nb::arg("default_value").none(),
          nb::sig("def add_column(self, parent: str, name: str, type: str, required: bool, "
                  "doc: str, default_value: object) -> None"))
      .def(
          "update_default",
          [](SchemaEdits& self, const std::string& name, nb::handle value) {
            DefaultValue write_default;
            if (!value.is_none()) {
              write_default = DefaultOf(name, value, self.editor().TypeOf(name));
            }
            self.Do([=](SchemaEditor& editor) { editor.UpdateDefault(name, write_default); });
          },
          nb::arg("name"), nb::arg("value").none(),
          nb::sig("def update_default(self, name: str, value: object) -> None"))
      .def("delete_column", Method<SchemaEdits>(&SchemaEditor::DeleteColumn), nb::arg("name"))
      .def("rename_column", Method<SchemaEdits>(&SchemaEditor::RenameColumn), nb::arg("name"),
           nb::arg("new_name"))
      .def(
          "update_type",
          [](SchemaEdits& self, const std::string& name, const std::string& json) {
            const Type type = TypeFromJson(json);
            self.Do([=](SchemaEditor& editor) { editor.UpdateType(name, type); });
          },
          nb::arg("name"), nb::arg("type"))
      .def("update_doc", Method<SchemaEdits>(&SchemaEditor::UpdateDoc), nb::arg("name"),
           nb::arg("doc"))
      .def("make_optional", Method<SchemaEdits>(&SchemaEditor::MakeOptional), nb::arg("name"))
      .def("make_required", Method<SchemaEdits>(&SchemaEditor::MakeRequired), nb::arg("name"))
      .def("move_first", Method<SchemaEdits>(&SchemaEditor::MoveFirst), nb::arg("name"))
      .def("move_before", Method<SchemaEdits>(&SchemaEditor::MoveBefore), nb::arg("name"),
           nb::arg("before"))
      .def("move_after", Method<SchemaEdits>(&SchemaEditor::MoveAfter), nb::arg("name"),
           nb::arg("after"))
      .def("set_identifier_fields", Method<SchemaEdits>(&SchemaEditor::SetIdentifierFields),
           nb::arg("names"))
      .def(
          "union_by_name",
          [](SchemaEdits& self, std::string json) {
            const auto other = std::make_shared<const Schema>(SchemaFromJson(std::move(json)));
            self.Do([=](SchemaEditor& editor) { editor.UnionByName(*other); });
          },
          nb::arg("schema"))
      .def("build", [](const SchemaEdits& self) { return SchemaToJson(self.editor().Build()); })
      .def("change", [](const SchemaEdits& self) -> std::shared_ptr<Change> {
        return std::make_shared<UpdateSchema>(self.All(), self.options);
      });
}

void RegisterSpecEdits(nb::module_& module) {
  nb::class_<SpecEdits>(module, "SpecEdits", "Changes of a table's partition spec.")
      .def(
          "__init__",
          [](SpecEdits* self, const Table& table, bool case_sensitive) {
            new (self) SpecEdits(table, case_sensitive);
          },
          nb::arg("table"), nb::arg("case_sensitive"))
      .def(
          "add_field",
          [](SpecEdits& self, const std::string& column, const std::string& transform,
             const std::optional<std::string>& name) {
            const Transform parsed = Transform::Parse(transform);
            self.Do([=](SpecEditor& editor) { editor.AddField(column, parsed, name); });
          },
          nb::arg("column"), nb::arg("transform"), nb::arg("name").none())
      .def("remove_field", Method<SpecEdits>(&SpecEditor::RemoveField), nb::arg("name"))
      .def("rename_field", Method<SpecEdits>(&SpecEditor::RenameField), nb::arg("name"),
           nb::arg("new_name"))
      .def("build",
           [](const SpecEdits& self) { return PartitionSpecToJson(self.editor().Build()); })
      .def("change", [](const SpecEdits& self) -> std::shared_ptr<Change> {
        return std::make_shared<UpdateSpec>(self.All(), self.case_sensitive);
      });
}

void RegisterSortOrderEdits(nb::module_& module) {
  nb::class_<SortOrderEdits>(module, "SortOrderEdits", "A new sort order for a table.")
      .def(
          "__init__",
          [](SortOrderEdits* self, const Table& table, bool case_sensitive) {
            new (self) SortOrderEdits(table, case_sensitive);
          },
          nb::arg("table"), nb::arg("case_sensitive"))
      .def(
          "add_field",
          [](SortOrderEdits& self, const std::string& column, const std::string& transform,
             bool descending, bool nulls_last) {
            const Transform parsed = Transform::Parse(transform);
            const auto direction =
                descending ? SortDirection::kDescending : SortDirection::kAscending;
            const auto null_order = nulls_last ? NullOrder::kLast : NullOrder::kFirst;
            self.Do([=](SortOrderEditor& editor) {
              editor.AddField(column, parsed, direction, null_order);
            });
          },
          nb::arg("column"), nb::arg("transform"), nb::arg("descending"), nb::arg("nulls_last"))
      .def("build",
           [](const SortOrderEdits& self) { return SortOrderToJson(self.editor().Build()); })
      .def("change", [](const SortOrderEdits& self) -> std::shared_ptr<Change> {
        return std::make_shared<UpdateSortOrder>(self.All(), self.case_sensitive);
      });
}

using Retention = RefRetention;

void RegisterRefEdits(nb::module_& module) {
  nb::class_<Retention>(module, "RefRetention", "How long a branch or tag is kept.")
      .def(
          "__init__",
          [](Retention* self, std::optional<int32_t> min_snapshots_to_keep,
             std::optional<int64_t> max_snapshot_age_ms,
             std::optional<int64_t> max_ref_age_ms) {
            new (self) Retention{min_snapshots_to_keep, max_snapshot_age_ms, max_ref_age_ms};
          },
          nb::arg("min_snapshots_to_keep").none(), nb::arg("max_snapshot_age_ms").none(),
          nb::arg("max_ref_age_ms").none());
  nb::class_<RefEdits>(module, "RefEdits", "Changes of a table's branches and tags.")
      .def(nb::init<const Table&>(), nb::arg("table"))
      .def("create_branch", Method<RefEdits>(&RefEditor::CreateBranch), nb::arg("name"),
           nb::arg("snapshot_id"), nb::arg("retention"))
      .def("create_tag", Method<RefEdits>(&RefEditor::CreateTag), nb::arg("name"),
           nb::arg("snapshot_id"), nb::arg("retention"))
      .def("remove_branch", Method<RefEdits>(&RefEditor::RemoveBranch), nb::arg("name"))
      .def("remove_tag", Method<RefEdits>(&RefEditor::RemoveTag), nb::arg("name"))
      .def("rename_branch", Method<RefEdits>(&RefEditor::RenameBranch), nb::arg("name"),
           nb::arg("new_name"))
      .def("replace_branch", Method<RefEdits>(&RefEditor::ReplaceBranch), nb::arg("name"),
           nb::arg("snapshot_id"))
      .def("replace_tag", Method<RefEdits>(&RefEditor::ReplaceTag), nb::arg("name"),
           nb::arg("snapshot_id"))
      .def("fast_forward_branch", Method<RefEdits>(&RefEditor::FastForwardBranch),
           nb::arg("name"), nb::arg("to"))
      .def("set_retention", Method<RefEdits>(&RefEditor::SetRetention), nb::arg("name"),
           nb::arg("retention"))
      .def("set_current_snapshot", Method<RefEdits>(&RefEditor::SetCurrentSnapshot),
           nb::arg("snapshot_id"))
      .def("roll_back_to", Method<RefEdits>(&RefEditor::RollBackTo), nb::arg("snapshot_id"))
      .def("roll_back_to_time", Method<RefEdits>(&RefEditor::RollBackToTime),
           nb::arg("timestamp_ms"))
      .def("change", [](const RefEdits& self) -> std::shared_ptr<Change> {
        return std::make_shared<UpdateRefs>(self.table, self.All());
      });
}

}  // namespace

void RegisterChanges(nb::module_& module) {
  nb::class_<Change>(module, "Change", "A change to a table, for a transaction.");
  RegisterSchemaEdits(module);
  RegisterSpecEdits(module);
  RegisterSortOrderEdits(module);
  RegisterRefEdits(module);
  module.def(
      "normalize_table_update",
      [](const std::string& json) { return TableUpdateToJson(TableUpdateFromJson(json)); },
      nb::arg("json"), "Reads and writes a REST catalog's TableUpdate; raises ParseError.");
  module.def(
      "normalize_table_requirement",
      [](const std::string& json) {
        return TableRequirementToJson(TableRequirementFromJson(json));
      },
      nb::arg("json"),
      "Reads and writes a REST catalog's TableRequirement; raises ParseError.");
  module.def(
      "update_properties",
      [](Properties updates, std::vector<std::string> removals) -> std::shared_ptr<Change> {
        return std::make_shared<UpdateProperties>(std::move(updates), std::move(removals));
      },
      nb::arg("updates"), nb::arg("removals"));
  module.def(
      "cherry_pick",
      [](const Table& table, int64_t snapshot_id) -> std::shared_ptr<Change> {
        return std::make_shared<CherryPick>(table, snapshot_id);
      },
      nb::arg("table"), nb::arg("snapshot_id"));
  module.def(
      "set_location",
      [](const std::string& location) -> std::shared_ptr<Change> {
        return std::make_shared<SetLocation>(location);
      },
      nb::arg("location"));
  module.def(
      "update_statistics",
      [](const std::vector<std::string>& updates) -> std::shared_ptr<Change> {
        std::vector<TableUpdate> read;
        for (const std::string& update : updates) {
          read.push_back(TableUpdateFromJson(update));
        }
        return std::make_shared<UpdateStatistics>(read);
      },
      nb::arg("updates_json"), "Statistics files; takes a REST catalog's updates of them.");
  module.def(
      "upgrade_format_version",
      [](int format_version) -> std::shared_ptr<Change> {
        return std::make_shared<UpgradeFormatVersion>(format_version);
      },
      nb::arg("format_version"));
}

}  // namespace floe::bindings
