#!/usr/bin/env python3
"""Writes the sample drops of this directory: the same bytes every time. Run it from anywhere.

A workwear shop with 60 articles in three plants. Day 2 differs from day 1 in every way that the feeds have a rule for:
see `day2` in each function, and samples/README.md for the list.
"""
import csv
import gzip
import io
import pathlib
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
DAY1, DAY2 = "20261102", "20261103"

# English name, German name, group, base price in cents, weight in grams.
GARMENTS = [
    ("Rain Jacket", "Regenjacke", "Jackets", 8990, 750),
    ("Softshell Jacket", "Softshelljacke", "Jackets", 7450, 620),
    ("Quilted Vest", "Steppweste", "Jackets", 4995, 410),
    ("Work Trousers", "Arbeitshose", "Trousers", 5990, 680),
    ("Bib Overalls", "Latzhose", "Trousers", 6990, 840),
    ("Thermal Leggings", "Thermo-Unterhose", "Trousers", 2950, 210),
    ("Welder's Apron", "Schweißerschürze", "Protection", 3990, 930),
    ("Cut-resistant Gloves", "Schnittschutzhandschuhe", "Protection", 1490, 90),
    ("Hard Hat Liner", "Mütze für Schutzhelme", "Protection", 990, 60),
    ("Hi-vis T-Shirt", "Warnschutz-Hemd", "Shirts", 1990, 180),
    ("Flannel Shirt", "Flanellhemd", "Shirts", 3490, 320),
    ("Merino Base Layer", "Merino-Funktionswäsche", "Shirts", 5490, 190),
    ("Safety Boots", "Sicherheitsstiefel, knöchelhoch", "Shoes", 11900, 1450),
    ("Kitchen Clogs", "Küchenclogs", "Shoes", 3290, 540),
    ("Wool Socks \"Extra\"", "Wollsocken »Größe«", "Shoes", 890, 95),
]
VARIANTS = [("Black", "schwarz"), ("Blue", "blau"), ("Red", "rot"), ("Blue", "dunkelblau")]
SIZES = ["S", "M", "L", "XL"]
PLANTS = ["1000", "2000", "3000"]
BINS = ["Gang 1 – Höhe 2", "Gang 7", "Außenlager", "Kühlhaus; Tür 4", "Übergabe", ""]


def sku(n):
    return f"WW-{1000 + n}"


def article(n):
    """Article `n`, from 1: a garment in one colour and size."""
    garment = GARMENTS[(n - 1) % len(GARMENTS)]
    colour, german = VARIANTS[(n - 1) // len(GARMENTS) % len(VARIANTS)]
    return garment, colour, german, SIZES[n * 7 % 4]


def articles(day2):
    """Numbers of the articles of a day: 59 and 60 go, 61 and 62 come."""
    return [n for n in range(1, 63) if n not in ({59, 60} if day2 else {61, 62})]


def ean(n):
    digits = f"401234500{n:03d}"
    return digits + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)


def quantity(n, plant, day2):
    """Ten thousandths of the sales unit on hand; every eleventh cell is 0, and socks come in halves."""
    mixed = (n * 31 + PLANTS.index(plant) * 17) % 97
    base = 0 if mixed % 11 == 0 else mixed * 10000 + (5000 if n % 15 == 0 else 0)
    if day2 and n % 6 == 0:  # the changed ones; what was 0 comes back
        return base + 40000 if base == 0 or n % 12 else max(base - 30000, 0)
    return base


def german_number(units):
    text = f"{units // 10000},{units % 10000:04d}".rstrip("0").rstrip(",")
    return text


def inventory_csv(rows):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["ARTIKEL", "WERK", "BESTAND", "LAGERPLATZ"])
    writer.writerows(rows)
    return out.getvalue().encode("cp1252")


def inventory(day2):
    rows = []
    for n in articles(day2):
        for plant in PLANTS:
            text = german_number(quantity(n, plant, day2))
            if not day2 and (n, plant) == (17, "2000"):
                text = "k. A."  # not a number: a reject
            if (n, plant) == (42, "3000"):
                text = "-3"  # below 0: a reject, on both days
            rows.append([sku(n), plant, text, BINS[(n + int(plant) // 1000) % len(BINS)]])
    return inventory_csv(rows)


def delta(*rows):
    return inventory_csv([[sku(n), plant, text, BINS[n % len(BINS)]] for n, plant, text in rows])


def products(day2):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["ARTICLE", "NAME", "GROUP", "PRICE", "WEIGHT_KG", "COLOUR", "SIZE", "STATUS", "AVAILABLE_FROM"])
    for n in articles(day2):
        (name, _, group, cents, grams), colour, _, size = article(n)
        status = "A"
        if day2:
            if n % 20 == 4:  # three prices fall
                cents -= 500
            if n % 20 == 9:  # three rise
                cents += 250
            if n == 12:
                name += " (new fit)"
            if n == 33:
                status = "D"
            if n == 25:
                size = "XXXL"  # no such size: a reject, the article stays as it was
        price = f"{cents // 100}.{cents % 100:02d}"
        if not day2 and n == 17:
            price = "on request"  # a reject; tomorrow it is new
        writer.writerow([sku(n), f"{name}, {colour.lower()}, {size if size in SIZES else 'M'}", group, price,
                         f"{grams / 1000:.3f}", colour, size, status, f"2026-0{n % 9 + 1}-01"])
    return gzip.compress(out.getvalue().encode(), 9, mtime=0)


BMECAT_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE BMECAT SYSTEM "bmecat_2005.dtd">
<BMECAT version="2005" xmlns="http://www.bmecat.org/bmecat/2005">
  <HEADER>
    <GENERATOR_INFO>Sample PIM</GENERATOR_INFO>
    <CATALOG>
      <LANGUAGE default="true">eng</LANGUAGE>
      <LANGUAGE>deu</LANGUAGE>
      <CATALOG_ID>WORKWEAR</CATALOG_ID>
      <CATALOG_VERSION>{version}</CATALOG_VERSION>
      <CATALOG_NAME lang="eng">Workwear</CATALOG_NAME>
      <CATALOG_NAME lang="deu">Arbeitskleidung für draußen</CATALOG_NAME>
      <DATETIME type="generation_date">
        <DATE>{date}</DATE>
        <TIME>01:30:00</TIME>
      </DATETIME>
      <CURRENCY>EUR</CURRENCY>
    </CATALOG>
    <SUPPLIER>
      <SUPPLIER_NAME>Muster &amp; Söhne GmbH</SUPPLIER_NAME>
    </SUPPLIER>
  </HEADER>
  <T_NEW_CATALOG>
"""


def pim_product(n, day2):
    (name, german, group, _, _), colour, farbe, size = article(n)
    short_de = f"{german} in {farbe}"
    long_de = f"{german}, Größe {size}: für die Arbeit bei jedem Wetter, waschbar & pflegeleicht."
    number = ean(n)
    if n == 38:
        number = number[:12]  # a digit is missing: a reject, on both days
    if day2 and n in (3, 4, 5):
        long_de += " Jetzt mit verstärkten Nähten."
    translated = n % 10 != 8 or (day2 and n == 8)  # 8, 18, 28 … wait for the translator; 8 comes on day 2
    if day2 and n == 21:
        translated = False  # a withdrawn translation
    lines = ['    <PRODUCT mode="new">', f'      <SUPPLIER_PID type="supplier_specific">{sku(n)}</SUPPLIER_PID>',
             "      <PRODUCT_DETAILS>",
             f'        <DESCRIPTION_SHORT lang="eng">{escape(name)} in {colour.lower()}</DESCRIPTION_SHORT>']
    if translated:
        lines.append(f'        <DESCRIPTION_SHORT lang="deu">{escape(short_de)}</DESCRIPTION_SHORT>')
    if n % 13 == 0:
        lines.append(f'        <DESCRIPTION_LONG lang="eng"><![CDATA[<p>{name}, size {size}.</p>'
                     "<ul><li>washable & <b>tough</b></li></ul>]]></DESCRIPTION_LONG>")
    else:
        lines.append(f'        <DESCRIPTION_LONG lang="eng">{escape(name)}, size {size}: for work in any weather, '
                     "washable &amp; tough.</DESCRIPTION_LONG>")
    if translated:
        lines.append(f'        <DESCRIPTION_LONG lang="deu">{escape(long_de)}</DESCRIPTION_LONG>')
    lines += [f'        <INTERNATIONAL_PID type="gtin">{number}</INTERNATIONAL_PID>',
              "        <MANUFACTURER_NAME>Muster &amp; Söhne GmbH</MANUFACTURER_NAME>",
              f'        <KEYWORD lang="eng">{group}</KEYWORD>', "      </PRODUCT_DETAILS>",
              "      <PRODUCT_ORDER_DETAILS>", "        <ORDER_UNIT>C62</ORDER_UNIT>", "      </PRODUCT_ORDER_DETAILS>",
              "    </PRODUCT>\n"]
    return "\n".join(lines)


def pim(day2):
    day = DAY2 if day2 else DAY1
    head = BMECAT_HEAD.format(version="1.1" if day2 else "1.0", date=f"{day[:4]}-{day[4:6]}-{day[6:]}")
    body = "".join(pim_product(n, day2) for n in articles(day2))
    return (head + body + "  </T_NEW_CATALOG>\n</BMECAT>\n").encode()


def main():
    files = {}
    for day2, folder, day in ((False, "day1", DAY1), (True, "day2", DAY2)):
        files[f"{folder}/INV_FULL_{day}.csv"] = inventory(day2)
        files[f"{folder}/PRODUCTS_{day}.csv.gz"] = products(day2)
        files[f"{folder}/PIM_{day}.xml"] = pim(day2)
    files[f"day2/INV_DELTA_{DAY2}0900_0017.csv"] = delta(
        (1, "1000", "12"), (2, "2000", "0"), (7, "3000", "4,5"), (11, "1000", "18"), (13, "2000", "7"))
    files[f"day2/INV_DELTA_{DAY2}1000_0018.csv"] = delta((1, "1000", "9"), (2, "2000", "25"), (40, "3000", "31"))
    # Written on the evening of day 1, delivered after the full of day 2: too late to change anything.
    files[f"late/INV_DELTA_{DAY1}2300_0016.csv"] = delta((1, "1000", "77"), (30, "2000", "0"))
    for name, content in files.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):7d} {name}")


main()
