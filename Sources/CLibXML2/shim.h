// Debian builds libxml2 with ICU, whose headers clash with the ones inside Foundation as soon as both modules meet.
// Nothing here touches the members of xmlCharEncodingHandler that depend on it.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
