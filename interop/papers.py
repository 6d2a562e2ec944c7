"""What pyHanko and pypdf, which are not ours, say of a paper that we sealed.

papers.py FOLDER     FOLDER/paper.pdf, FOLDER/authority.der, FOLDER/paper.json = {"texts": [...]}, and FOLDER/tsa.der where it has a time stamp
"""

import io
import json
import sys
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

folder = Path(sys.argv[1])
paper = (folder / "paper.pdf").read_bytes()
expected = json.loads((folder / "paper.json").read_text())
authority = x509.Certificate.load((folder / "authority.der").read_bytes())
stamps = [x509.Certificate.load(file.read_bytes()) for file in folder.glob("tsa.der")]


def context(roots):
    return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")


def judged(data, roots):
    signature = PdfFileReader(io.BytesIO(data)).embedded_signatures[0]
    return signature, validate_pdf_signature(signature, context(roots), ts_validation_context=context(stamps))


def sealed():
    signature, status = judged(paper, [authority])
    assert status.intact and status.valid and status.trusted and status.bottom_line, status.pretty_print_details()
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE, status.coverage
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert attributes == {"content_type", "message_digest", "signing_certificate_v2"}, attributes
    stamp = status.timestamp_validity
    assert bool(stamps) == (stamp is not None)
    assert stamp is None or (stamp.intact and stamp.valid and stamp.trusted), stamp
    print("pyHanko verified the seal over the whole file")


def stranger():
    _, status = judged(paper, [])
    assert status.intact and not status.trusted
    print("pyHanko does not trust the seal without our authority")


def changed():
    at = len(paper) // 3
    data = bytearray(paper)
    data[at] ^= 1
    try:
        _, status = judged(bytes(data), [authority])
        found = not status.intact
    except Exception:
        found = True
    assert found, "a changed bit was not found"
    _, status = judged(paper + b"\n% more", [authority])
    assert status.coverage != SignatureCoverageLevel.ENTIRE_FILE
    print("pyHanko found one changed bit, and what was added")


def told():
    reader = PdfReader(io.BytesIO(paper))
    text = "\n".join(page.extract_text() for page in reader.pages)
    words = " ".join(text.split())
    for wanted in expected["texts"]:
        assert wanted in words, f"{wanted!r} is not in: {words}"
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] and catalogue["/Lang"] == "vi"
    metadata = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata and "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "/OutputIntents" in catalogue and "/StructTreeRoot" in catalogue
    fonts = {
        str(font["/BaseFont"]): font
        for page in reader.pages
        for font in (font.get_object() for font in page["/Resources"]["/Font"].values())
    }
    for name, font in fonts.items():
        descendant = font["/DescendantFonts"][0].get_object()
        assert any(key.startswith("/FontFile") for key in descendant["/FontDescriptor"].keys()), name
    print(f"pypdf read the text, PDF/A-2a, {len(fonts)} embedded fonts")


sealed()
stranger()
changed()
told()
