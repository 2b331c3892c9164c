"""XML as devices send it, without what XML could do to us."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from adapters.errors import Undecodable


def root_of(text: str) -> Element:
    """The document's element. Raises `Undecodable`, also for a DTD and for entities of its own."""
    # Expat is given text, so an encoding named in the declaration (or misnamed) must not be believed.
    text = re.sub(r"\A\s*<\?xml[^>]{0,200}\?>", "", text).strip()
    if "\x00" in text:
        raise Undecodable("not XML: a NUL byte")
    try:
        return fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Undecodable(f"not XML: {type(error).__name__}") from None
