/// A run of trivial elements whose length never changes, without reference counts and without bounds checks in release.
///
/// Invariants:
/// - the elements are trivial (no references), which `init` asserts: they are overwritten without being destroyed;
/// - the buffer owns its memory alone and frees it with its only owner, so an index in `0..<count` is always readable;
///   debug builds check every index;
/// - sharing between threads is up to the owner: a buffer that is written after `init` belongs to one thread.
public struct FixedBuffer<Element>: ~Copyable, @unchecked Sendable {
  private let storage: UnsafeMutablePointer<Element>
  /// How many elements there are.
  public let count: Int

  /// `count` copies of `element`.
  public init(repeating element: Element, count: Int) {
    assert(_isPOD(Element.self))
    self.count = count
    storage = .allocate(capacity: max(count, 1))
    storage.initialize(repeating: element, count: count)
  }

  /// A copy of an array's elements.
  public init(_ elements: [Element]) {
    assert(_isPOD(Element.self))
    count = elements.count
    storage = .allocate(capacity: max(count, 1))
    for (index, element) in elements.enumerated() { (storage + index).initialize(to: element) }
  }

  deinit { storage.deallocate() }

  /// The element at `index`, which must lie in `0..<count`.
  @inline(__always)
  public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return storage[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      storage[index] = newValue
    }
  }

  /// Address of the first element, for the views that the owner lends while it lives.
  @inline(__always)
  public var base: UnsafePointer<Element> { UnsafePointer(storage) }
}
