import Foundation
import Streams
import Testing

@testable import Outbox

@Suite("The lock of a project")
struct DropLockTests {
  @Test("is one holder's, and free again once it lets go")
  func exclusive() throws {
    let scratch = try Scratch()
    let work = scratch.path + "/work"
    let first = try DropLock.acquire(work: work, command: "sluice run")
    var time = 0.0
    var pauses: [Double] = []
    let patience = DropLock.Patience(
      now: { time },
      pause: { seconds in
        pauses.append(seconds)
        time += seconds
      })
    let error = try #require(throws: SluiceError.self) {
      try DropLock.acquire(work: work, command: "sluice watch", timeout: 0.12, patience: patience)
    }
    #expect(error.code == "locked")
    #expect(error.kind == .environment)
    #expect(error.cause.hasPrefix("process \(getpid()) sluice run"))
    #expect(pauses.count == 3)
    #expect(time >= 0.12)
    first.release()
    first.release()
    let second = try DropLock.acquire(work: work, command: "sluice watch", timeout: 0, patience: patience)
    #expect(try scratch.read("work/.lock") == "\(getpid()) sluice watch\n")
    second.release()
    #expect(try scratch.read("work/.lock") == "")
  }

  @Test("goes to whoever waits as soon as it is free")
  func handOver() throws {
    let scratch = try Scratch()
    let first = try DropLock.acquire(work: scratch.path, command: "a")
    var pauses = 0
    let patience = DropLock.Patience(
      now: { 0 },
      pause: { _ in
        pauses += 1
        if pauses == 2 { first.release() }
      })
    let second = try DropLock.acquire(work: scratch.path, command: "b", patience: patience)
    #expect(pauses == 2)
    second.release()
  }

  @Test("goes to who has waited before it goes to its last holder again")
  func fairness() throws {
    let scratch = try Scratch()
    let first = try DropLock.acquire(work: scratch.path, command: "a")
    let atOnce = DropLock.Patience(now: { 0 }, pause: { _ in })
    var codes: [String] = []
    let patience = DropLock.Patience(
      now: { 0 },
      pause: { _ in
        guard codes.isEmpty else { return }
        first.release()
        do throws(SluiceError) {
          try DropLock.acquire(work: scratch.path, command: "a", timeout: 0, patience: atOnce).release()
          codes.append("taken again")
        } catch {
          codes.append(error.code)
        }
      })
    let second = try DropLock.acquire(work: scratch.path, command: "b", patience: patience)
    #expect(codes == ["locked"])
    second.release()
    try DropLock.acquire(work: scratch.path, command: "a", timeout: 0, patience: atOnce).release()
  }

  @Test("is let go when its object goes")
  func scope() throws {
    let scratch = try Scratch()
    do { _ = try DropLock.acquire(work: scratch.path, command: "a") }
    let patience = DropLock.Patience(now: { 0 }, pause: { _ in })
    try DropLock.acquire(work: scratch.path, command: "b", timeout: 0, patience: patience).release()
  }

  @Test("names its holder on one line that drives no terminal, in at most 200 bytes")
  func holderText() throws {
    let scratch = try Scratch()
    let lock = try DropLock.acquire(
      work: scratch.path, command: "run a\nb\u{1B}[2K\u{202E}" + String(repeating: "ü", count: 500))
    let text = try scratch.read(".lock")
    #expect(text.hasPrefix("\(getpid()) run ab[2Küü"))
    #expect(text.utf8.count < 230)
    lock.release()
  }

  @Test("is no file that a link leads elsewhere")
  func link() throws {
    let scratch = try Scratch()
    #expect(symlink("elsewhere", scratch.path + "/.lock") == 0)
    #expect(throws: SluiceError.self) { try DropLock.acquire(work: scratch.path, command: "a") }
    #expect(try scratch.tree()["elsewhere"] == nil)
  }
}
