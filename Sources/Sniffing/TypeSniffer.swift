import Tabular

/// Decides what the columns of a feed hold, from what all of their cells have in common.
struct TypeSniffer {
  private static let flags: Set<String> = [
    "is", "has", "flag", "active", "aktiv", "enabled", "disabled", "deleted", "locked", "gesperrt", "visible",
    "published", "available", "online", "featured", "blocked", "discontinued", "allow", "use", "manage",
  ]
  private static let personal: Set<String> = [
    "email", "mail", "phone", "telephone", "telefon", "tel", "mobile", "fax", "firstname", "lastname", "vorname",
    "nachname", "surname", "birthday", "birthdate", "dob", "geburtsdatum", "iban", "bic", "street", "strasse", "ssn",
    "taxvat", "passport",
  ]

  private let profiles: [ColumnProfile]
  private let labels: [String]
  /// How numbers are written.
  let numbers: NumberNotation
  /// What is to be said about that.
  private(set) var numberGuesses: [Guess] = []
  /// Patterns with the month first are those of this feed, days first, or neither is known.
  private let isMonthFirst: Bool?

  /// Decides on the notations that all columns share. `delimiter` nil: XML.
  init(_ profiles: [ColumnProfile], labels: [String], delimiter: UInt8?) {
    self.profiles = profiles
    self.labels = labels
    let (notation, guesses) = Self.notation(profiles, labels, delimiter)
    numbers = notation
    numberGuesses = guesses
    isMonthFirst = Self.monthFirst(profiles)
  }

  /// The type of column `index`, with the texts that mean nothing in it and why.
  func type(of index: Int) -> (type: FeedDraft.FieldType, nulls: [String], guess: Guess?) {
    let profile = profiles[index]
    let tokens = Notations.nulls.indices.filter { profile.nulls[$0] > 0 }
    let all = tokens.map { Notations.nulls[$0] }
    let plain = tokens.filter { $0 < Notations.plainNulls }.map { Notations.nulls[$0] }
    if profile.several > 0 { return (.list, [], nil) }
    guard profile.filled > 0 else {
      return (.text, plain, Guess("type", "string", .unsure, "no row has a value here"))
    }
    if let (type, guess) = date(profile) { return (type, type == .text ? plain : all, guess) }
    if let (type, guess) = boolean(profile, labels[index]) { return (type, all, guess) }
    if let (type, guess) = number(profile, labels[index]) { return (type, type == .text ? plain : all, guess) }
    let isNearly = profile.numeric * 10 >= profile.filled * 9 && !KeyNames.isIdentifier(labels[index])
    guard isNearly, profile.numeric < profile.filled else { return (.text, plain, nil) }
    let why = "\(profile.numeric) of \(profile.filled) values are numbers, the others would be rejected"
    return (.text, plain, Guess("type", "string", .unsure, why, others: ["integer", "decimal(2)"]))
  }

  /// Whether column `index` holds personal data, by its name or its values.
  func isPersonal(_ index: Int) -> Bool {
    let profile = profiles[index]
    if profile.filled > 0, profile.addresses * 2 > profile.filled, profile.bytes < profile.filled * 80 { return true }
    let name = FieldNames.names(for: [labels[index]])[0]
    return name.split(separator: "_").contains { Self.personal.contains(String($0)) }
      || Self.personal.contains(name.replacing("_", with: ""))
  }

  // MARK: - Dates

  private func date(_ profile: ColumnProfile) -> (FeedDraft.FieldType, Guess)? {
    guard let forms = profile.dates, let first = forms.first.map({ Notations.dates[$0] }) else { return nil }
    let patterns = forms.map { Notations.dates[$0].pattern }
    let rivals = patterns.filter { $0 != first.pattern && $0 == Notations.swapped(first.pattern) }
    var form = first
    if let rival = rivals.first {
      guard let isMonthFirst else {
        return (
          .text,
          Guess(
            "type", "string", .unsure, "dates of which none tells day from month",
            others: [first, Notations.dates[forms.first { Notations.dates[$0].pattern == rival } ?? 0]].map(Self.name))
        )
      }
      let isFirst = first.pattern.hasPrefix("M") == isMonthFirst
      if !isFirst, let other = forms.first(where: { Notations.dates[$0].pattern == rival }) {
        form = Notations.dates[other]
      }
    }
    let isRun = form.pattern.allSatisfy { $0.isLetter }
    let others = isRun ? ["integer", "string"] : rivals.isEmpty ? [] : ["string"]
    let why = "all \(profile.filled) values are dates of this form"
    let type: FeedDraft.FieldType = form.hasTime ? .datetime(pattern: form.pattern) : .date(pattern: form.pattern)
    return (type, Guess("type", type.text, isRun || !rivals.isEmpty ? .likely : .certain, why, others: others))
  }

  private static func name(_ form: Notations.Form) -> String {
    form.hasTime ? "datetime(\(form.pattern))" : "date(\(form.pattern))"
  }

  /// Whether the month comes first, as columns say in which a day above 12 tells it; nil when none does or they
  /// differ.
  private static func monthFirst(_ profiles: [ColumnProfile]) -> Bool? {
    var found: Set<Bool> = []
    for profile in profiles where profile.filled > 0 {
      let patterns = (profile.dates ?? []).map { Notations.dates[$0].pattern }
      for pattern in patterns.prefix(1) where Notations.swapped(pattern).map(patterns.contains) == false {
        found.insert(pattern.hasPrefix("M"))
      }
    }
    return found.count == 1 ? found.first : nil
  }

  // MARK: - Yes and no

  private func boolean(_ profile: ColumnProfile, _ label: String) -> (FeedDraft.FieldType, Guess)? {
    guard let found = profile.words else { return nil }
    let words = Set(found.map { String(decoding: $0, as: UTF8.self) })
    let name = FieldNames.names(for: [label])[0]
    let isFlag = name.split(separator: "_").contains { Self.flags.contains(String($0)) }
    if words == ["X"], profile.empty > 0, profile.filled + profile.empty > 2 {
      // An empty cell has no value; that it means no is for the mapping to say.
      return nil
    }
    for (yes, no) in Notations.booleans where words == Set(yes + no) || isFlag && words.isSubset(of: yes + no) {
      let isNumber = yes == ["1"] || yes == ["-1"]
      guard !isNumber || isFlag else { return nil }
      let certainty: Guess.Certainty = words.count == 2 && !isNumber ? .certain : .likely
      return (
        .boolean(yes: yes, no: no),
        Guess(
          "type", "boolean(\(yes[0])/\(no[0]))", certainty, "no other words stand here",
          others: isNumber ? ["integer"] : ["string"])
      )
    }
    return nil
  }

  // MARK: - Numbers

  private func number(_ profile: ColumnProfile, _ label: String) -> (FeedDraft.FieldType, Guess)? {
    guard let index = Notations.numbers.firstIndex(of: numbers), profile.numbers & (1 << index) != 0 else {
      guard profile.numbers != 0 else { return nil }
      return (
        .text,
        Guess("type", "string", .unsure, "numbers, but not written as those of other columns", others: ["decimal"])
      )
    }
    if profile.hasLeadingZero {
      return (.text, Guess("type", "string", .likely, "digits with zeros in front", others: ["integer"]))
    }
    if KeyNames.isIdentifier(label) {
      return (.text, Guess("type", "string", .likely, "digits that identify something", others: ["integer"]))
    }
    let scale = numbers.decimal == 0x2C ? profile.decimals.comma : profile.decimals.point
    guard profile.digits <= 18 else {
      return (.text, Guess("type", "string", .likely, "numbers of more than 18 digits"))
    }
    let isWhole = scale == 0
    let type = isWhole ? FeedDraft.FieldType.integer : .decimal(scale: max(scale, 2))
    let why = "all \(profile.filled) values are \(isWhole ? "whole numbers" : "numbers with up to \(scale) decimals")"
    let certainty: Guess.Certainty = profile.filled >= 20 || !isWhole ? .certain : .likely
    return (type, Guess("type", type.text, certainty, why, others: isWhole ? ["decimal(2)"] : ["decimal(4)"]))
  }

  /// The notation in which most columns are numbers.
  private static func notation(
    _ profiles: [ColumnProfile], _ labels: [String], _ delimiter: UInt8?
  ) -> (NumberNotation, [Guess]) {
    let numeric = profiles.filter { $0.filled > 0 && $0.numbers != 0 && $0.dates?.isEmpty != false }
    // Columns that are read as identifiers all the same do not vote.
    let counts = Notations.numbers.indices.map { index in numeric.count { $0.numbers & (1 << index) != 0 } }
    let most = counts.max() ?? 0
    let best = Notations.numbers.indices.filter { counts[$0] == most }
    let plain = best.filter { Notations.numbers[$0].thousands == nil }
    guard most > 0 else { return (Notations.numbers[0], []) }
    let hasSigns = numeric.contains { $0.decimals.point > 0 || $0.decimals.comma > 0 || $0.grouped != 0 }
    guard hasSigns else {
      return (
        Notations.numbers[0],
        [Guess("decimal", "'.'", .unsure, "no number has a decimal sign", others: ["','"])]
      )
    }
    if plain.count == 2 {
      return (Notations.numbers[0], [Guess("decimal", "'.'", .unsure, "numbers differ", others: ["','"])])
    }
    // 1,234 alone is one thousand, or one and a bit.
    let isAmbiguous =
      plain.count == 1
      && best.contains { index in
        Notations.numbers[index].thousands == Notations.numbers[plain[0]].decimal
          && numeric.contains { $0.grouped & (1 << index) != 0 }
      }
    var chosen = plain.first ?? best[0]
    let rival = best.first { Notations.numbers[$0].thousands == Notations.numbers[chosen].decimal }
    if isAmbiguous, let rival, Notations.numbers[chosen].decimal == 0x2C, delimiter == 0x2C { chosen = rival }
    let notation = Notations.numbers[chosen]
    let others = isAmbiguous ? [notation.decimal == 0x2C ? "'.'" : "','"] : []
    let certainty: Guess.Certainty = isAmbiguous ? .unsure : .certain
    var guesses = [
      Guess(
        "decimal", sign(notation.decimal), certainty,
        "\(most == 1 ? "a column is" : "\(most) columns are") all numbers that way", others: others)
    ]
    if let thousands = notation.thousands {
      guesses.append(Guess("thousands", sign(thousands), certainty, "it groups digits by three"))
    }
    return (notation, guesses)
  }

  private static func sign(_ byte: UInt8) -> String {
    byte == 0x27 ? "\"'\"" : "'\(Character(UnicodeScalar(byte)))'"
  }
}
