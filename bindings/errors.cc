#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <exception>
#include <string>
#include <utility>

#include "bindings.h"
#include "engine_call.h"
#include "floe/base/error.h"

namespace floe::bindings {
namespace {

/// Text with any bytes: names of damaged files need not be UTF-8.
nb::object Readable(const std::string& text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()),
                                        "backslashreplace"));
}

nb::object Readable(const auto& number) { return nb::cast(number); }

nb::dict DetailsOf(const ErrorDetails& details) {
  nb::dict out;
  const auto put = [&](const char* key, const auto& value) {
    if (value) {
      out[key] = Readable(*value);
    }
  };
  put("table", details.table);
  put("namespace", details.namespace_name);
  put("path", details.path);
  put("column", details.column);
  put("snapshot_id", details.snapshot_id);
  put("http_status", details.http_status);
  put("position", details.position);
  put("errno", details.errno_value);
  return out;
}

/// Raises the Python class of the same name.
void Raise(const Error& error) {
  const nb::object errors = nb::module_::import_("floe_core.errors");
  const nb::object type = errors.attr(std::string(error.class_name()).c_str());
  nb::dict details = DetailsOf(error.details());
  if (const auto* mismatch = dynamic_cast<const SchemaMismatchError*>(&error)) {
    nb::list problems;
    for (const SchemaProblem& problem : mismatch->problems()) {
      problems.append(nb::make_tuple(Readable(problem.column), Readable(problem.found),
                                     Readable(problem.expected)));
    }
    details["problems"] = problems;
  }
  const nb::object raised = type(Readable(error.message()), nb::arg("details") = details);
  PyErr_SetObject(type.ptr(), raised.ptr());
}

void Translate(const std::exception_ptr& exception, void* /*payload*/) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    try {
      if (const std::exception_ptr raised = std::exchange(InterruptOfThread(), nullptr)) {
        std::rethrow_exception(raised);
      }
      Raise(error);
    } catch (nb::python_error& failure) {
      failure.restore();
    }
  }
}

}  // namespace

void RegisterErrors(nb::module_& module) {
  nb::register_exception_translator(Translate);
  module.def(
      "error_tree",
      [] {
        nb::list classes;
        for (const ErrorClass& error : ErrorClasses()) {
          classes.append(nb::make_tuple(error.name, error.parent));
        }
        return classes;
      },
      nb::sig("def error_tree() -> list[tuple[str, str]]"),
      "Every error class the engine can throw, with its parent ('' for the root).");
  module.def(
      "raise_error",
      [](const std::string& name, const std::string& message) {
        for (const ErrorClass& error : ErrorClasses()) {
          if (error.name == name) {
            error.raise(message, ErrorDetails{.table = "db.t",
                                              .namespace_name = "db",
                                              .path = "file:///p",
                                              .column = "c",
                                              .snapshot_id = 7,
                                              .http_status = 404,
                                              .position = 3,
                                              .errno_value = 28});
          }
        }
        throw InvalidArgumentError("no such error class: " + name);
      },
      nb::arg("name"), nb::arg("message"),
      "Throws an error of the class with every detail set; for the test of the error tree.");
}

}  // namespace floe::bindings
