/// Which elements and attributes a document has, by their paths, and how often: what a record could be and what its
/// fields. Bounded, whatever the document holds.
public struct XMLOutline: Sendable {
  /// The name of an element or attribute.
  public struct Name: Hashable, Sendable {
    /// The part after the prefix.
    public var local: String
    /// The namespace; nil: none.
    public var uri: String?
  }

  /// An attribute of a node.
  public struct Attribute: Equatable, Sendable {
    /// Its name.
    public var name: Name
    /// How many of the node's elements have it.
    public var count: Int
    /// Its different values, while they are few and short; nil when they are not.
    public var values: [String]? = []
  }

  /// All elements of one path.
  public struct Node: Sendable {
    /// Their name.
    public var name: Name
    /// Index of the node around them; 0: the document.
    public var parent: Int
    /// Elements from the root on, the root itself 1.
    public var depth: Int
    /// Indices of the nodes in them, in the order in which they first came.
    public var children: [Int] = []
    /// How many elements there are.
    public var count = 0
    /// The most of them in one parent.
    public var most = 0
    /// How many of them have text of their own that is not blank.
    public var texts = 0
    /// Their attributes, in the order in which they first came.
    public var attributes: [Attribute] = []
  }

  /// The most paths that are told apart.
  public static let mostNodes = 5_000
  /// The most attributes of one path that are told apart.
  public static let mostAttributes = 200

  /// The most values of an attribute that are told apart, and the most bytes of each.
  public static let mostValues = 8
  static let longestValue = 24

  /// The nodes; the first is the document, before its root element.
  public internal(set) var nodes = [Node(name: Name(local: "", uri: nil), parent: 0, depth: 0)]
  /// True when the document has more paths or attributes than are told apart.
  public internal(set) var isCut = false
  /// True when the document is not well-formed, too deep, or uses an entity: what is here is its beginning.
  public internal(set) var isBroken = false

  /// The root element's node; nil when there is none.
  public var root: Int? { nodes[0].children.first }

  /// The path of a node from the root, by local names: `/BMECAT/HEADER`.
  public func path(_ node: Int) -> String {
    node == 0 ? "" : path(nodes[node].parent) + "/" + nodes[node].name.local
  }

  /// All nodes below one, itself left out, in the document's order.
  public func below(_ node: Int) -> [Int] { nodes[node].children.flatMap { [$0] + below($0) } }
}
