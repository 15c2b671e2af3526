/// The environment that makes `Tests/CrashPoint` watch a command: pass it to `TestProject.run`.
package struct CrashPoint: Sendable {
  /// What happens at a call.
  package enum Fault: Sendable, Equatable {
    /// Nothing: the calls are only counted.
    case none
    /// SIGKILL right before call `call` (from 1).
    case kill(call: Int)
    /// Call `call` fails with the named errno (`ENOSPC`), later ones as well when it `persists`.
    case fail(call: Int, error: String, persists: Bool = false)
    /// Call `call`, when it is a write, takes only half of its bytes.
    case short(call: Int)
  }

  /// Only calls on this directory and below count.
  package let root: String
  /// What happens.
  package let fault: Fault
  /// Whether creating a file by `open` counts as well.
  package let countsOpen: Bool
  private let scratch: TemporaryDirectory

  /// Watches calls below `root`.
  package init(root: String, fault: Fault = .none, countsOpen: Bool = false) throws {
    self.root = root
    self.fault = fault
    self.countsOpen = countsOpen
    scratch = try TemporaryDirectory("sluice-crashpoint")
  }

  /// The variables to run the command with.
  package var environment: [String: String] {
    var variables = [
      "LD_PRELOAD": BuildProducts.crashPoint, "CRASHPOINT_ROOT": root, "CRASHPOINT_COUNT": scratch("count"),
      "CRASHPOINT_TRACE": scratch("trace"),
    ]
    if countsOpen { variables["CRASHPOINT_OPEN"] = "1" }
    switch fault {
    case .none: break
    case .kill(let call): variables["CRASHPOINT_AT"] = "\(call)"
    case .fail(let call, let error, let persists):
      variables["CRASHPOINT_FAIL"] = "\(call)\(persists ? "+" : ""):\(error)"
    case .short(let call): variables["CRASHPOINT_FAIL"] = "\(call):SHORT"
    }
    return variables
  }

  /// How many calls were counted, once the command has exited by itself.
  package func count() throws -> Int {
    let text = try FileTree.text(scratch("count"))
    guard let count = Int(text.prefix { $0.isNumber }) else { throw TestFailure("no count in \(text)") }
    return count
  }

  /// The counted calls in their order, one `N CALL PATH` each: what to print when a crash test fails.
  package func trace() -> [String] {
    ((try? FileTree.text(scratch("trace"))) ?? "").split(separator: "\n").map(String.init)
  }
}
