"""Phone numbers of all countries as libphonenumber reads them.

phones.py prints a line for each way in which an example of each country and kind of number can be
written: the country it is dialled in, the text, the number as E.164. Not the mobile numbers of
Argentina, which are written with a "15" inside.
"""
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

FORMATS = [PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164,
           PhoneNumberFormat.RFC3966]
KINDS = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE]

for region in sorted(phonenumbers.SUPPORTED_REGIONS):
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None or (region, kind) == ("AR", PhoneNumberType.MOBILE):
            continue
        texts = {phonenumbers.format_number(number, form) for form in FORMATS}
        texts |= {text.replace(" ", mark) for text in list(texts) for mark in (".", "-", "")}
        for text in sorted(texts):
            try:
                read = phonenumbers.parse(text, region)
            except phonenumbers.NumberParseException:
                continue
            if not phonenumbers.is_possible_number(read):
                continue
            print(region, text, phonenumbers.format_number(read, PhoneNumberFormat.E164), sep="\t")
