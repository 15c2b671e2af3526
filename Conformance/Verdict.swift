/// What a check of one file came to.
enum Verdict: Equatable {
  /// The file has the outcome that it must have.
  case passed
  /// It has the outcome, but for parts of it that go by another rule or can not be read yet: which, and why.
  case passedBut([String])
  /// It has another one: what was expected, and what came.
  case failed(String)
  /// Nothing to check: the file only helps others.
  case support
  /// Sluice has no way of reading such a file yet.
  case open(String)
}
