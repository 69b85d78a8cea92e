#!/usr/bin/env python3
"""Derives communes.tsv, provinces-2025.tsv, units-2025.tsv and units-earlier.tsv from two packages of PyPI.

    pip download --no-deps vietnamadminunits==1.0.4 vn-address-converter==0.1.3
    python3 kiosk-config/lists/units.py vietnamadminunits-1.0.4-py3-none-any.whl vn_address_converter-0.1.3-py3-none-any.whl

vietnamadminunits (MIT, see LICENSE-vietnamadminunits.txt) is the source; vn-address-converter (MIT) only contradicts it.
What the script decides:
- names are NFC with single spaces, kinds are written alike ("Thành Phố" as "Thành phố"); spellings are left alone;
- where the second package names another new commune for an old ward, both are candidates, and the citizen is asked;
- names of units that were merged away between 2019 and 2024 are in the source only as keys without marks and spaces
  ("xahabi"); they stay keys, and what they lead to is always asked;
- order is Vietnamese: letters first, tones second.
"""

import collections
import json
import pathlib
import re
import sqlite3
import sys
import tempfile
import unicodedata
import zipfile

TAKEN = "2026-11-25"
TONES = "\u0300\u0309\u0303\u0301\u0323"
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
KINDS = ["Thị trấn", "Thị xã", "Thành phố", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã"]


def tidy(text):
    text = " ".join(unicodedata.normalize("NFC", text or "").split())
    for kind in KINDS:
        if text.lower().startswith(kind.lower() + " "):
            return kind + text[len(kind):]
    return text


def split(text):
    """"Huyện Thăng Bình" as ("Huyện", "Thăng Bình")."""
    return next((kind, text[len(kind) + 1:]) for kind in KINDS if text.startswith(kind + " "))


def key(text):
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in text if c.isalnum() and not unicodedata.combining(c))


def order(text):
    """Numbers by value, letters of the Vietnamese alphabet, then tones."""
    letters, tones = [], []
    for part in re.findall(r"\d+|[^\W\d]", text.lower()):
        if part.isdigit():
            letters.append((0, int(part)))
            continue
        marks = unicodedata.normalize("NFD", part)
        tone = next((c for c in marks if c in TONES), None)
        letter = unicodedata.normalize("NFC", "".join(c for c in marks if c not in TONES))
        letters.append((1, ALPHABET.find(letter)))
        tones.append(TONES.find(tone) + 1 if tone else 0)
    return letters, tones, text


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


def second_opinion(folder):
    """Old key -> name of the one new commune according to vn-address-converter."""
    mapping = json.loads((folder / "vn_address_converter/data/ward_mapping.json").read_text("utf-8"))
    found = {}
    for province, districts in mapping.items():
        for district, wards in districts.items():
            if district.endswith("_mapping") or not isinstance(wards, dict):
                continue
            for ward, new in wards.items():
                if isinstance(new, dict) and new.get("new_ward_name"):
                    found[(key(province), key(district), key(ward))] = tidy(new["new_ward_name"])
    return found


def write(folder, name, source, columns, rows):
    lines = [f"# {source}", "\t".join(columns)] + ["\t".join(row) for row in rows]
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    print(name, len(rows), "rows")


def repeat_nothing(rows, leading):
    """An empty cell means: as in the row above."""
    above = [None] * leading
    for row in rows:
        shown = list(row)
        for at in range(leading):
            if row[: at + 1] == above[: at + 1]:
                shown[at] = ""
        above = list(row[:leading])
        yield shown


def main(source_wheel, second_wheel):
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        unpack(source_wheel, folder)
        unpack(second_wheel, folder)
        data = folder / "vietnamadminunits/data"
        database = sqlite3.connect(data / "dataset.db")
        database.row_factory = sqlite3.Row
        new = database.execute("select * from admin_units").fetchall()
        old = database.execute("select * from admin_units_legacy").fetchall()
        table = json.loads((data / "converter_2025.json").read_text("utf-8"))
        earlier_districts = json.loads((data / "parser_legacy.json").read_text("utf-8"))["DICT_PROVINCE_DISTRICT_DIVIDED"]
        second = second_opinion(folder)

    version = "PyPI vietnamadminunits 1.0.4 (MIT, 2025-10), derived by units.py; taken " + TAKEN
    communes = {(row["provinceKey"], row["wardKey"]): row for row in new}
    provinces = {row["provinceKey"]: tidy(row["provinceShort"]) for row in new}
    old_provinces = {row["provinceKey"]: tidy(row["provinceShort"]) for row in old}

    rows = sorted(
        ([tidy(r["provinceShort"]), *split(tidy(r["ward"])), r["wardCode"]] for r in new),
        key=lambda row: (order(row[0]), order(row[2]), row[1]),
    )
    note = "Communes since 2025-07-01 by province, in Vietnamese order; an empty province is the one above. The code is the statistics office's in this data version and changes between versions: names are the keys."
    write(here, "communes.tsv", f"{note} Source: {version}.", ["province", "kind", "name", "code"], list(repeat_nothing(rows, 1)))

    became = {before: after for after, befores in table["DICT_PROVINCE"].items() for before in befores}
    also = {"Huế": "Thừa Thiên Huế;Thừa Thiên - Huế", "Hồ Chí Minh": "HCM;TPHCM;Sài Gòn", "Hà Nội": "HN", "Bà Rịa - Vũng Tàu": "BRVT", "Đắk Lắk": "Đắc Lắc", "Đắk Nông": "Đắc Nông", "Bắc Kạn": "Bắc Cạn"}
    rows = sorted(([name, provinces[became[k]], also.get(name, "")] for k, name in old_provinces.items()), key=lambda row: order(row[0]))
    note = 'The 63 provinces before 2025-07-01 and what each became; other names (";" between them) from memory.'
    write(here, "provinces-2025.tsv", f"{note} Source: {version}.", ["name", "became", "aliases"], rows)

    targets = collections.defaultdict(list)
    for province, wards in table["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for before in olds:
                targets[before].append(communes[(province, ward)])
    for province, olds in table["DICT_PROVINCE_WARD_DIVIDED"].items():
        for before, wards in olds.items():
            for ward in wards:
                targets[before].append(communes[(province, ward["newWardKey"])])

    by_name = {(row["provinceKey"], tidy(row["ward"]).lower()): row for row in new}
    asked, moved = 0, collections.defaultdict(list)
    for row in old:
        found = targets["_".join([row["provinceKey"], row["districtKey"], row["wardKey"] or ""])]
        says = second.get((key(row["province"]), key(row["district"]), key(row["ward"] or "")))
        other = says and by_name.get((became[row["provinceKey"]], says.lower()))
        if other is not None and key(other["ward"]) not in [key(r["ward"]) for r in found]:
            print("both:", row["province"], row["district"], row["ward"], [r["ward"] for r in found], other["ward"])
            found, asked = found + [other], asked + 1
        for target in found:
            place = (tidy(row["provinceShort"]), tidy(row["district"]), tidy(target["ward"]))
            moved[place].append(tidy(row["ward"]))
    print("candidates added by the second package:", asked)
    rows = sorted(
        ([*place, ";".join(sorted(wards, key=order))] for place, wards in moved.items()),
        key=lambda row: (order(row[0]), order(split(row[1])[1]), row[1], order(split(row[2])[1]), row[2]),
    )
    note = "Communes, wards and townships before 2025-07-01 and the commune that each became, by old province and district; empty cells are as above. Who stands in several rows was split among them; a district without any has an empty ward."
    check = "Contradicted by PyPI vn-address-converter 0.1.3 (MIT): then both are listed"
    write(here, "units-2025.tsv", f"{note} Source: {version}. {check}.", ["province", "district", "became", "wards"], list(repeat_nothing(rows, 2)))

    rows = earlier_rows(old, earlier_districts, old_provinces)
    note = "Wards and districts that were merged away or renamed from 2019 to 2024, as keys without marks and spaces, under the unit of 2025-06-30 that holds their place; an empty ward is the district itself, empty cells before it are as above."
    write(here, "units-earlier.tsv", f"{note} Source: {version}.", ["province", "district", "ward", "keys"], list(repeat_nothing(rows, 2)))


def earlier_rows(old, divided, old_provinces):
    wards, districts = collections.defaultdict(set), collections.defaultdict(set)
    names = {}
    for row in old:
        place = (tidy(row["provinceShort"]), tidy(row["district"]))
        names[(row["provinceKey"], row["districtKey"])] = place
        # A key with its kind and one without say the same: the bare name is kept.
        for alias in json.loads(row["wardAlias"] or "[]"):
            wards[(*place, tidy(row["ward"]))].add(bare(key(alias)))
        for alias in json.loads(row["districtAlias"] or "[]"):
            districts[place].add(bare(key(alias)))
    for province, befores in divided.items():
        for before, facts in befores.items():
            for after in facts["districts"]:
                districts[names[(province, after)]].add(bare(before))
    rows = []
    for (province, district), keys in districts.items():
        keys = sorted(keys - {key(split(district)[1])})
        if keys:
            rows.append([province, district, "", ";".join(keys)])
    for (province, district, ward), keys in wards.items():
        own = key(split(ward)[1])
        # "y" and "i" are one key to the reader of this file.
        keys = sorted(k for k in keys if k.replace("y", "i") != own.replace("y", "i"))
        if keys:
            rows.append([province, district, ward, ";".join(keys)])
    return sorted(rows, key=lambda row: (order(row[0]), order(split(row[1])[1]), row[1], row[2] != "", order(row[2])))


def bare(alias):
    """Without the kind in front; numbers keep it, because "quan9" is a name and "9" is none."""
    for kind in ["thitran", "thanhpho", "thixa", "phuong", "huyen", "quan", "xa", "tt", "tx", "tp"]:
        rest = alias.removeprefix(kind)
        if rest != alias and rest and not rest.isdigit():
            return rest
    return alias


if __name__ == "__main__":
    main(*sys.argv[1:3])
