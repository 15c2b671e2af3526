import Foundation
import Pipeline
import Synchronization

/// One line on a terminal that says how far a drop is: share of bytes, rows a second, time left.
final class ProgressLine: Sendable {
  private struct State {
    var file = ""
    var started = Date()
    var shown = Date.distantPast
    var isVisible = false
  }

  /// Whether anything is shown.
  let isOn: Bool
  private let state = Mutex(State())
  private static let interval = 0.2

  /// Shown on a terminal, unless `global` asks for silence or for objects.
  init(_ global: GlobalOptions) { isOn = Console.hasTerminal && !global.quiet && !global.json }

  /// Lets a run with `options` tell how far it is; nothing where nothing is shown.
  func attach(to options: inout RunOptions) {
    guard isOn else { return }
    options.progress = { file, rows, bytes, total in self.show(file: file, rows: rows, bytes: bytes, total: total) }
  }

  /// Shows how far `file` is; at most five times a second.
  func show(file: String, rows: Int, bytes: Int, total: Int) {
    guard isOn else { return }
    state.withLock { state in
      let now = Date()
      if state.file != file {
        state.file = file
        state.started = now
      }
      guard now.timeIntervalSince(state.shown) >= Self.interval else { return }
      state.shown = now
      state.isVisible = true
      let elapsed = max(now.timeIntervalSince(state.started), 0.001)
      let share = total > 0 ? min(1, Double(bytes) / Double(total)) : 0
      let left = share > 0.01 ? ", \(Int(elapsed / share - elapsed)) s left" : ""
      write("\r\u{1B}[K\(file): \(Int(share * 100)) %, \(Int(Double(rows) / elapsed)) rows/s\(left)")
    }
  }

  /// Shows a remark in the place of the progress.
  func note(_ text: String) {
    guard isOn else { return }
    state.withLock { state in
      state.isVisible = true
      write("\r\u{1B}[K\(text)")
    }
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      if state.isVisible { write("\r\u{1B}[K") }
      state.isVisible = false
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
