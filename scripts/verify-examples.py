#!/usr/bin/env python3
"""Compare what an example project published with its source, cell by cell.

usage: verify-examples.py EXAMPLE SOURCE OUTBOX [--store STORE.json]

EXAMPLE is the project's directory (docs/examples/akeneo, bmecat or bmecat-2005), SOURCE the one file that was dropped
into a fresh copy of it, OUTBOX what that copy published. The source is read with csv or xml.etree, mapped by the table
below (MAPPINGS), and compared with the catalog_product files; every record has to be published or in a reject file with
a reason. With --store, the codes and labels in the files are compared with what a store knows.

Prints the counts and every difference; exits 1 if there is one, 2 if it was called wrongly.
"""
import argparse
import csv
import json
import pathlib
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

BLANKS = " \t"
BARCODE = r"[0-9]{8}|[0-9]{12,14}"
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"


class Rejected(Exception):
    """A record that must not be published; the argument is the rule of the reject file."""


# --- Readings: what the types and rules of a feed definition mean --------------------------------------------------

def text(value, required=False, longest=None, pattern=None):
    value = value.strip(BLANKS)
    if required and not value:
        raise Rejected("required")
    if longest is not None and len(value) > longest:
        raise Rejected("too-long")
    if value and pattern and not re.fullmatch(pattern, value):
        raise Rejected("pattern")
    return value


def number(value, scale, least=None):
    value = value.strip(BLANKS)
    if not value:
        return None
    if not re.fullmatch(NUMBER, value):
        raise Rejected("not-a-number")
    try:
        read = Decimal(value)
    except InvalidOperation:
        raise Rejected("not-a-number")
    if read != read.quantize(Decimal(1).scaleb(-scale)):
        raise Rejected("too-precise")
    if least is not None and read < least:
        raise Rejected("below-minimum")
    return read


def rounded(value, places):
    return None if value is None else value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def translated(table, value):
    if value not in table:
        raise Rejected("lookup-missing")
    return table[value]


def shown(value):
    return "" if value is None else str(value)


SPECIAL = {"æ": "ae", "ß": "ss", "ø": "o", "ð": "d", "þ": "p", "đ": "d", "ħ": "h", "ı": "i", "ĳ": "ij", "ĸ": "k",
           "ł": "l", "ŉ": "n", "ŋ": "n", "œ": "oe", "ŧ": "t", "ſ": "s"}


def slug(value):
    words = []
    for letter in value:
        lower = letter.lower()
        if "ß" <= lower <= "ſ":
            base = SPECIAL.get(lower) or unicodedata.normalize("NFD", lower)[0]
        else:
            base = lower
        words.append(base if re.fullmatch("[a-z0-9]+", base) else " ")
    return "-".join("".join(words).split())


# --- Mappings: one for each example --------------------------------------------------------------------------------

class Akeneo:
    """CSV with semicolons; a record is a row."""

    # Cells of the default row, and of the rows of store views, from the values that `values` gives.
    default = {
        "sku": "sku", "product_type": "=simple", "product_websites": "=base,eu", "visibility": "=Catalog, Search",
        "tax_class_name": "=Taxable Goods", "attribute_set_code": "set", "categories": "categories", "name": "name",
        "price": "price", "product_online": "online", "description": "description_en", "meta_title": "title_en",
        "weight": "weight", "ean": "ean", "release_date": "released", "additional_attributes": "packed",
        "url_key": "url_key",
    }
    views = {
        "fr": {"sku": "sku", "store_view_code": "=fr", "product_type": "=simple", "attribute_set_code": "set",
               "description": "description_fr", "meta_title": "title_fr"},
        "eu_de": {"sku": "sku", "store_view_code": "=eu_de", "product_type": "=simple", "attribute_set_code": "set",
                  "description": "description_de", "meta_title": "title_de", "uvp": "uvp"},
    }
    key = "sku"

    def __init__(self, example):
        self.tables = {}
        for path in sorted((example / "lookups").glob("*.csv")):
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file, delimiter=";"))[1:]
            self.tables[path.stem] = {key: value for key, value in rows}

    def records(self, source):
        with open(source, encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file, delimiter=";")

    def identity(self, record):
        return record["sku"].strip(BLANKS)

    def values(self, record):
        found = {"sku": text(record["sku"], required=True, longest=64)}
        enabled = text(record["enabled"], required=True)
        if enabled not in ("0", "1", "true", "false"):
            raise Rejected("not-boolean")
        found["set"] = translated(self.tables["attribute-sets"], text(record["family"], required=True))
        found["categories"] = ",".join(self.options("categories", record["categories"]))
        found["name"] = text(record["name"], required=True, longest=255)
        price = number(record["price-USD"], 2, least=0)
        found["price"] = shown(rounded(price if price is not None else Decimal(0), 2))
        found["online"] = "1" if enabled in ("1", "true") and price is not None else "2"
        found["uvp"] = shown(rounded(number(record["price-EUR"], 2, least=0), 2))
        for language, locale in (("en", "en_US"), ("de", "de_DE"), ("fr", "fr_FR")):
            shop = text(record[f"description-{locale}-ecommerce"])
            chosen = shop or text(record[f"description-{locale}-print"])
            found[f"description_{language}"] = chosen.replace("\\n", "<br />")
            found[f"title_{language}"] = text(record[f"meta_title-{locale}"], longest=255)
        found["weight"] = shown(self.weight(record))
        found["ean"] = text(record["ean"], pattern=BARCODE)
        found["released"] = text(record["release_date-ecommerce"])
        if found["released"] and not re.fullmatch(r"\d{4}-\d\d-\d\d", found["released"]):
            raise Rejected("not-a-date")
        packed = {"color": self.option("colors", record["color"]), "size": self.option("sizes", record["size"]),
                  "material": "|".join(self.options("materials", record["material"]))}
        found["packed"] = ",".join(f"{code}={value}" for code, value in packed.items() if value)
        found["url_key"] = slug(f"{found['name']}-{found['sku']}")
        return found

    def option(self, table, cell):
        cell = cell.strip(BLANKS)
        return translated(self.tables[table], cell) if cell else ""

    def options(self, table, cell):
        parts = [part.strip(BLANKS) for part in cell.split(",")]
        return [label for label in (translated(self.tables[table], part) for part in parts if part) if label]

    def weight(self, record):
        amount = number(record["weight"], 4, least=0)
        unit = record["weight-unit"].strip(BLANKS)
        factor = Decimal(translated(self.tables["weight-units"], unit)) if unit else None
        return None if amount is None or factor is None else rounded(amount * factor, 4)

    def has_view(self, view, found):
        if view == "fr":
            return bool(found["description_fr"] or found["title_fr"])
        return bool(found["description_de"] or found["title_de"] or found["uvp"])


class BMEcat:
    """XML; names are compared without namespaces. The subclasses say how a version calls its elements."""

    default = {
        "sku": "sku", "attribute_set_code": "=Default", "product_type": "=simple", "product_websites": "=base,eu",
        "visibility": "=Catalog, Search", "tax_class_name": "=Taxable Goods", "categories": "categories",
        "name": "name", "description": "description", "meta_keywords": "keywords", "weight": "weight", "ean": "ean",
        "price": "=0.00", "product_online": "=2", "url_key": "url_key",
    }
    views = {
        "eu_de": {"sku": "sku", "store_view_code": "=eu_de", "attribute_set_code": "=Default",
                  "product_type": "=simple", "name": "name", "description": "description", "uvp": "uvp"},
    }

    def __init__(self, example):
        self.language = ""

    def records(self, source):
        root = ElementTree.parse(source).getroot()
        for element in root.iter():
            element.tag = element.tag.split("}")[-1]
        self.language = self.language_of(root)
        yield from root.findall(f"T_NEW_CATALOG/{self.record}")

    @staticmethod
    def texts(element, path):
        found = ("".join(match.itertext()).strip(" \t\r\n") for match in element.findall(path))
        return [value for value in found if value]

    def only(self, element, path):
        found = self.texts(element, path)
        if len(found) > 1:
            raise Rejected("several-values")
        return found[0] if found else ""

    def language_of(self, root):
        return self.only(root, "HEADER/CATALOG/LANGUAGE")

    def identity(self, record):
        return " ".join(self.texts(record, self.key))

    def values(self, record):
        part = self.record
        found = {"sku": text(self.only(record, self.key), required=True, longest=64)}
        text(self.language, required=True)
        found["name"] = text(self.only(record, f"{part}_DETAILS/DESCRIPTION_SHORT"), required=True, longest=255)
        found["description"] = self.only(record, f"{part}_DETAILS/DESCRIPTION_LONG")
        found["keywords"] = ", ".join(self.texts(record, f"{part}_DETAILS/KEYWORD"))
        amounts = {}
        for kind in ("nrp", "UVP"):
            price = f"{part}_PRICE_DETAILS/{part}_PRICE[@price_type='{kind}']"
            amounts[kind] = number(self.only(record, f"{price}/PRICE_AMOUNT"), 6, least=0)
            if self.only(record, f"{price}/PRICE_CURRENCY") not in ("", "EUR"):
                raise Rejected("not-in-enum")
        amount = amounts["nrp"] if amounts["nrp"] is not None else amounts["UVP"]
        quantity = self.only(record, f"{part}_ORDER_DETAILS/PRICE_QUANTITY") or "1"
        per = number(quantity, 3, least=Decimal("0.001"))
        found["uvp"] = shown(None if amount is None else rounded(amount / per, 2))
        found["url_key"] = slug(f"{found['name']}-{found['sku']}")
        self.special(record, found)
        return found

    def has_view(self, view, found):
        return self.language.lower() in ("deu", "ger")


class BMEcat12(BMEcat):
    record, key = "ARTICLE", "SUPPLIER_AID"

    def special(self, record, found):
        found["ean"] = text(self.only(record, "ARTICLE_DETAILS/EAN"), pattern=BARCODE)
        system = "ARTICLE_FEATURES[REFERENCE_FEATURE_SYSTEM_NAME='udf_CMP-1.0']"
        group = text(self.only(record, f"{system}/REFERENCE_FEATURE_GROUP_NAME"), pattern="[^,]*")
        found["categories"] = "Default Category/Supplier" + ("/" + group.replace("/", "\\/") if group else "")
        grams = number(self.only(record, "ARTICLE_FEATURES/FEATURE[FNAME='Gewicht in g']/FVALUE"), 1, least=0)
        gross = "ARTICLE_FEATURES/FEATURE[FNAME='GrossWeight'][FUNIT='KGM']/FVALUE"
        kilograms = number(self.only(record, gross), 4, least=0)
        found["weight"] = shown(rounded(kilograms if grams is None else grams / 1000, 4))


class BMEcat2005(BMEcat):
    record, key = "PRODUCT", "SUPPLIER_PID"

    def language_of(self, root):
        main = self.only(root, "HEADER/CATALOG/LANGUAGE[@default='true']")
        return main or ",".join(self.texts(root, "HEADER/CATALOG/LANGUAGE"))

    def special(self, record, found):
        codes = "PRODUCT_DETAILS/INTERNATIONAL_PID"
        gtin = text(self.only(record, f"{codes}[@type='gtin']"), pattern=BARCODE)
        found["ean"] = gtin or text(self.only(record, f"{codes}[@type='ean']"), pattern="[0-9]{13}")
        found["categories"] = "Default Category/Supplier"
        weight = self.only(record, "PRODUCT_LOGISTIC_DETAILS/PRODUCT_DIMENSIONS/WEIGHT")
        found["weight"] = shown(rounded(number(weight, 4, least=0), 4))


MAPPINGS = {"akeneo": Akeneo, "bmecat": BMEcat12, "bmecat-2005": BMEcat2005}


# --- Comparison ----------------------------------------------------------------------------------------------------

def expectation(mapping, source):
    """Rows that have to be published by (sku, store view), and rejects as (key, rule), in the order of the source."""
    read, rejected, order = 0, [], {}
    for record in mapping.records(source):
        read += 1
        try:
            found = mapping.values(record)
        except Rejected as reject:
            rejected.append((mapping.identity(record), str(reject)))
            continue
        order.setdefault(found["sku"].lower(), []).append(found)
    rows = {}
    for several in order.values():
        if len(several) > 1:                     # duplicates: reject
            rejected += [(found["sku"], "duplicate-key") for found in several]
            continue
        found = several[0]
        rows[(found["sku"], "")] = cells(mapping.default, found)
        for view, columns in mapping.views.items():
            if mapping.has_view(view, found):
                rows[(found["sku"], view)] = cells(columns, found)
    return read, rows, rejected


def cells(columns, found):
    return {name: source[1:] if source.startswith("=") else found[source] for name, source in columns.items()}


def published(outbox, report):
    """Rows of all catalog_product files by (sku, store view)."""
    rows = {}
    files = sorted((outbox / "commerce").glob("*.catalog_product-*.csv"))
    for path in files:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader)
            if len(set(header)) != len(header):
                report(f"{path.name}: a column is there twice")
            for cells in reader:
                row = dict(zip(header, cells))
                place = f"{path.name}:{reader.line_num}"
                if len(cells) != len(header):
                    report(f"{place}: {len(cells)} cells below {len(header)} columns")
                key = (row["sku"], row.get("store_view_code", ""))
                if key in rows:
                    report(f"{place}: {key} is there twice")
                rows[key] = row
    return files, rows


def rejects(outbox, key, delimiter):
    found = []
    for path in sorted((outbox / "rejects").glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=delimiter):
                found.append((row[key].strip(BLANKS), row["_rule"], row["_message"]))
    return found


def compare(expected, actual, report):
    compared = 0
    for key in sorted(set(expected) | set(actual)):
        if key not in actual:
            report(f"{key}: not published")
        elif key not in expected:
            report(f"{key}: published, but not in the source")
        else:
            for column in sorted(set(expected[key]) | set(actual[key])):
                compared += 1
                wanted, got = expected[key].get(column, ""), actual[key].get(column, "")
                if wanted != got:
                    report(f"{key} {column}: expected {wanted!r}, got {got!r}")
    return compared


def compare_with_store(rows, store, report):
    """Whether the store knows what the files name, and no unique value is there twice."""
    installed, added = store["as_installed"], store["added"]
    known = {
        "attribute_set_code": set(installed["attribute_sets"]) | set(added["attribute_sets"]),
        "tax_class_name": set(installed["tax_classes"]) | set(added["tax_classes"]),
        "product_websites": set(installed["websites"]) | {site["code"] for site in added["websites"]},
        "store_view_code": {view["code"] for site in added["websites"] for view in site["stores"]},
        "visibility": {"Not Visible Individually", "Catalog", "Search", "Catalog, Search"},
    }
    options = {item["code"]: set(item["options"]) for item in added["attributes"] if "options" in item}
    unique = {"url_key": {}} | {item["code"]: {} for item in added["attributes"] if item.get("unique")}
    compared = 0
    for key, row in rows.items():
        pairs = [pair.split("=", 1) for pair in filter(None, row.get("additional_attributes", "").split(","))]
        named = [(code, value) for code, cell in pairs for value in cell.split("|")]
        for column in known:
            cell = row.get(column, "")
            named += [(column, value) for value in (cell.split(",") if column == "product_websites" else [cell])]
        for column, value in named:
            if value:
                compared += 1
                if value not in known.get(column, options.get(column, {value})):
                    report(f"{key} {column}: the store does not know {value!r}")
        for path in filter(None, row.get("categories", "").split(",")):
            compared += 1
            if path.split("/")[0] != installed["root_category"] or path != path.strip() or len(path) > 255:
                report(f"{key} categories: {path!r} is no path below the root category")
        for column, seen in unique.items():
            value = row.get(column, "")
            if value and seen.setdefault(value, key[0]) != key[0]:
                report(f"{key} {column}: {value!r} is also that of {seen[value]}")
    return compared


def main():
    parser = argparse.ArgumentParser(description="Compare what an example published with its source, cell by cell.")
    for name in ("example", "source", "outbox"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--store", type=pathlib.Path)
    arguments = parser.parse_args()
    name = arguments.example.resolve().name
    if name not in MAPPINGS:
        parser.error(f"no mapping for {name}; there are {', '.join(MAPPINGS)}")
    csv.field_size_limit(1 << 30)
    differences = []
    mapping = MAPPINGS[name](arguments.example)
    read, expected, expected_rejects = expectation(mapping, arguments.source)
    files, actual = published(arguments.outbox, differences.append)
    compared = compare(expected, actual, differences.append)

    found = rejects(arguments.outbox, mapping.key, ";" if name == "akeneo" else ",")
    for key, rule, message in found:
        if not rule or not message:
            differences.append(f"{key}: rejected without a reason")
    given = sorted((key, rule) for key, rule, _ in found)
    if given != sorted(expected_rejects):
        differences.append(f"rejects: expected {sorted(expected_rejects)}, got {given}")
    records = len({key.lower() for key, _ in actual})
    if records + len(found) != read:
        differences.append(f"{read} records in the source, {records} published and {len(found)} rejected")
    known = 0
    if arguments.store:
        store = json.loads(arguments.store.read_text(encoding="utf-8"))
        known = compare_with_store(actual, store, differences.append)

    print(f"{name}: {read} records = {records} published + {len(found)} rejected; "
          f"{len(actual)} rows in {len(files)} files, {compared} cells compared"
          + (f", {known} names known to the store" if arguments.store else "")
          + f", {len(differences)} differences")
    for difference in differences:
        print(f"  {difference}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
