import Records
import Streams

/// A rule of Commerce's importers, or one of ours where they would store something wrong without a word.
public enum CommerceRule: String, Sendable, CaseIterable {
  /// A mandatory cell is empty.
  case required = "commerce-required"
  /// SKU longer than 64 characters.
  case skuTooLong = "commerce-sku-too-long"
  /// An attribute of type varchar longer than 255 characters.
  case textTooLong = "commerce-text-too-long"
  /// Not a plain decimal number with a point.
  case notANumber = "commerce-not-a-number"
  /// A price, weight or tier below zero.
  case negative = "commerce-negative"
  /// Not one of the values that the column takes.
  case notAllowed = "commerce-not-allowed"
  /// A blank inside a source or website code.
  case blankInCode = "commerce-blank-in-code"
  /// A blank beside a separator makes Commerce create another category.
  case categorySpacing = "commerce-category-spacing"
  /// A list item or packed value that Commerce would take apart at the wrong place.
  case separatorInValue = "commerce-separator"

  /// What the rule says, for reject messages.
  public var explanation: String {
    switch self {
    case .required: "Commerce needs a value here"
    case .skuTooLong: "Commerce takes at most 64 characters for a SKU"
    case .textTooLong: "Commerce takes at most 255 characters here"
    case .notANumber: "Commerce takes a decimal number with a point here and would store 0 for anything else"
    case .negative: "a negative number makes no sense here"
    case .notAllowed: "Commerce does not know this value"
    case .blankInCode: "a code must not contain blanks"
    case .categorySpacing: "a blank beside a separator would create another category"
    case .separatorInValue: "Commerce would take this value apart at its separator"
    }
  }
}

/// The checks of one column, resolved once into a trivial value and run for each row without allocating.
public struct CommerceCheck: BitwiseCopyable, Sendable, Equatable {
  /// The closed lists of values that columns take.
  public enum Words: UInt8, BitwiseCopyable, Sendable {
    case any, zeroOne, zeroOneTwo, valueType, visibility

    /// Whether `text` is one of the words.
    func contains(_ text: ByteView) -> Bool {
      switch self {
      case .any: true
      case .zeroOne: text.count == 1 && (text[0] == 0x30 || text[0] == 0x31)
      case .zeroOneTwo: text.count == 1 && (0x30...0x32).contains(text[0])
      case .valueType: text.isText("Fixed") || text.isText("Discount")
      case .visibility:
        text.isText("Catalog, Search") || text.isText("Catalog") || text.isText("Search")
          || text.isText("Not Visible Individually")
      }
    }
  }

  /// Must not be empty on a default row.
  public var isRequired = false
  /// Must not be cleared, in no row: Commerce refuses it, or takes it for zero or "disabled".
  public var isNeverCleared = false
  /// Greatest length in characters; 0: unlimited.
  public var maximumLength = 0
  /// Must be a decimal.
  public var isNumber = false
  /// Must not be below zero.
  public var isNonNegative = false
  /// Must be one of these, when not empty.
  public var allowed = Words.any
  /// Must not contain blanks.
  public var isCode = false
  /// A list of category paths.
  public var isCategories = false
  /// One part of `additional_attributes`.
  public var isPacked = false
  /// Several values joined by U+001F, written with Commerce's separator between them.
  public var isList = false

  /// The checks of `column` of `entity`; nil when there is nothing to check.
  public init?(entity: CommerceEntity, column: TargetColumn, creates: Bool) {
    switch (entity, column.name) {
    case (_, "sku"): (isRequired, maximumLength) = (true, 64)
    case (.stockSources, "source_code"): (isRequired, isCode, maximumLength) = (true, true, 255)
    case (.stockSources, "quantity"): (isRequired, isNumber) = (true, true)
    case (.stockSources, "status"): (isRequired, allowed) = (true, .zeroOne)
    case (.advancedPricing, "tier_price"), (.advancedPricing, "tier_price_qty"):
      (isRequired, isNumber, isNonNegative) = (true, true, true)
    case (.advancedPricing, "tier_price_value_type"): (isRequired, allowed) = (true, .valueType)
    case (.advancedPricing, _): isRequired = true
    case (.customer, _), (.customerAddress, _):
      (isRequired, maximumLength) = (entity.identityColumns.contains(column.name), 255)
      isCode = column.name == "_website"
    case (.catalogProduct, "name"): (isRequired, maximumLength) = (creates, 255)
    case (.catalogProduct, "price"): (isRequired, isNumber, isNonNegative) = (creates, true, true)
    case (.catalogProduct, "special_price"), (.catalogProduct, "weight"), (.catalogProduct, "msrp_price"):
      (isNumber, isNonNegative) = (true, true)
    case (.catalogProduct, "qty"): isNumber = true
    case (.catalogProduct, "product_online"): (isRequired, allowed) = (creates, .zeroOneTwo)
    case (.catalogProduct, "visibility"):
      allowed = .visibility
    case (.catalogProduct, "attribute_set_code"), (.catalogProduct, "product_type"): isRequired = creates
    case (.catalogProduct, "product_websites"): (isRequired, isCode) = (creates, true)
    case (.catalogProduct, "categories"): isCategories = true
    case (.catalogProduct, "url_key"), (.catalogProduct, "meta_title"), (.catalogProduct, "meta_description"):
      maximumLength = 255
    default:
      isPacked = column.isPackedAttribute
    }
    isNeverCleared =
      entity != .catalogProduct || CommerceEntity.requiredAttributes.contains(column.name)
      || CommerceEntity.harmfulWhenBlank.contains(column.name)
    isList = column.program.type == .list
    if self == CommerceCheck.nothing { return nil }
  }

  private init() {}
  private static let nothing = CommerceCheck()

  /// The rule that a text breaks which stands in every row, or nil.
  public func broken(constant text: String, isDefaultRow: Bool) -> CommerceRule? {
    let clears = text == "\(commerceEmptyValue)"
    return Array(text.utf8).withView {
      broken(state: clears ? .clear : .value, text: clears ? ByteView() : $0, isDefaultRow: isDefaultRow)
    }
  }

  /// The rule that a cell breaks, or nil. `isDefaultRow` is false for store-view rows, where blank means untouched.
  public func broken(state: CellState, text: ByteView, isDefaultRow: Bool) -> CommerceRule? {
    if state == .clear, isNeverCleared { return .required }
    guard state == .value, !text.isEmpty else {
      return isRequired && isDefaultRow ? .required : nil
    }
    if maximumLength > 0, text.count > maximumLength, characters(text) > maximumLength {
      return maximumLength == 64 ? .skuTooLong : .textTooLong
    }
    if isNumber, !isDecimal(text) { return .notANumber }
    if isNonNegative, text[0] == 0x2D { return .negative }
    if isCode, text.firstIndex(of: 0x20) != nil || text.firstIndex(of: 0x09) != nil { return .blankInCode }
    if allowed != .any, !allowed.contains(text) { return .notAllowed }
    // A comma in an option of a packed list makes Commerce's validation crash.
    if isList, text.firstIndex(of: 0x2C) != nil || (isPacked && text.firstIndex(of: 0x7C) != nil) {
      return .separatorInValue
    }
    if isCategories { return brokenCategories(text) }
    if isPacked, breaksPacking(text) { return .separatorInValue }
    return nil
  }

  private func characters(_ text: ByteView) -> Int {
    text.buffer.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  private func isDecimal(_ text: ByteView) -> Bool {
    var digits = 0
    var points = 0
    for index in 0..<text.count {
      switch text[index] {
      case 0x30...0x39: digits += 1
      case 0x2E: points += 1
      case 0x2D where index == 0: break
      default: return false
      }
    }
    return digits > 0 && points <= 1
  }

  /// Blanks beside `,` or `/` and empty parts: Commerce does not trim them.
  private func brokenCategories(_ text: ByteView) -> CommerceRule? {
    var previous: UInt8 = 0x2C
    for index in 0..<text.count {
      let byte = text[index]
      let isSeparator = byte == 0x2C || byte == 0x2F || byte == listSeparator
      let wasSeparator = previous == 0x2C || previous == 0x2F || previous == listSeparator
      if wasSeparator && (byte == 0x20 || isSeparator) { return .categorySpacing }
      if isSeparator && previous == 0x20 { return .categorySpacing }
      previous = byte
    }
    let endsBadly = previous == 0x2C || previous == 0x2F || previous == 0x20 || previous == listSeparator
    return endsBadly ? .categorySpacing : nil
  }

  /// Inside `additional_attributes` a separator is glued back to the value unless an equals sign follows it, which
  /// makes a new attribute; there is no escape.
  private func breaksPacking(_ text: ByteView) -> Bool {
    guard let comma = text.firstIndex(of: 0x2C) else { return false }
    return text.dropping(comma).firstIndex(of: 0x3D) != nil
  }
}

extension ByteView {
  /// Whether the bytes are those of a text of the program itself.
  fileprivate func isText(_ text: StaticString) -> Bool {
    self == ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
