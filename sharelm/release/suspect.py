"""What a text must hold for the gate to look closer: necessary for anything that it looks for, and quick, since Arrow asks a whole column at once.

Written for RE2, which knows no look-around. A test holds it against everything that the detectors find in their own tests.
"""

from __future__ import annotations

_HEX = "[0-9A-Fa-f]"
_SEPARATOR = r"[ .\-\x{a0}]"
# What services begin their keys with; where that is short, some of what follows.
_KEYS = (
    "(?:AKIA|ASIA|AGPA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt|cbt|oas|ft|soat|imt|agent|ffct|rtr|wt)-|GR1348941",
    "sk-[0-9A-Za-z_-]{20}|sk_[a-f0-9]{48}|[spr]k_(?:live|test)_|whsec_|gsk_|csk-|xai-|r8_|pplx-|nvapi-|lsv2_|tvly-|pcsk_|tgp_v1_|jina_|sess-|api_org_",
    "fc-[a-f0-9]{32}|dapi[a-f0-9]{32}|key-[a-f0-9]{32}|[a-f0-9]{32}-us\\p{Nd}|dckr_|ABSK|1//0|xkeysib-|xsmtpsib-|lin_(?:api|oauth)_|ntn_|PMAK-|NRAK-",
    r"glsa_|glc_|hv[sbr]\.[A-Za-z0-9_-]{24}|dp\.(?:pt|st|ct|sa|scim|audit)\.|AT(?:ATT3|CTT3|BB)|figd_|rubygems_|oy2[a-z0-9]{43}|AKCp|AGE-SECRET-KEY-",
    r"sntry[su]_|HRKU-|LTAI|AQVN|v1\.0-[a-f0-9]{24}|A3-[A-Z0-9]{6}-|dt0[a-z]\p{Nd}|EZ[AT]K|FLWSECK|access-(?:sandbox|development|production)-|pnu_|pul-",
    "rdme_|shippo_|tskey-|tfp_|CFPAT-|bkua_|nfp_|phx_|duffel_|pscale_|sbp_|sb_secret_|fo1_|fm[12][ar]?_|sq0(?:atp|csp)-",
    r"xox[abeoprs]-|xapp-|AIza|ya29\.|GOCSPX-|hf_|npm_|pypi-|SG\.|EAA[A-Za-z0-9]{30}|shp(?:at|ca|pa|ss)_|do[opr]_v1_|eyJ|\p{Nd}{8,10}:AA",
    r"(?:SK|AC)[a-f0-9]{32}|pat[A-Za-z0-9]{14}\.[a-f0-9]|[MNO][A-Za-z0-9][A-Za-z0-9_-]{22,26}\.[A-Za-z0-9_-]{6}\.",
)
SUSPECT = "|".join(
    (
        "[@＠]",
        r"(?is:[(\[{].?at.?[)\]}])|(?i:\b(?:dot|punkt)\b)",  # an e-mail address in words
        r"(?i:chiocciol|arroba|arobase|klammeraffe|apenstaartje|ma[lł]pa|zavin|kukac|snabel|\Wät\W)",
        r"-----BEGIN|(?i:password=|pwd=|accountkey=|sharedaccesskey=)",
        rf"(?:^|[^A-Za-z0-9])(?:{'|'.join(_KEYS)})",
        r"\p{Nd}Q~|\.atlasv1\.|hooks\.(?:slack|zapier)\.com|discord(?:app)?\.com/api|webhook\.office|office\.com/webhook",
        r"[A-Za-z]{2}[0-9]{2}[ \-\x{a0}]?[A-Za-z0-9]{2}",  # an IBAN's beginning
        f"[0-9]{{4}}{_SEPARATOR}[0-9]{{4,6}}{_SEPARATOR}[0-9]{{4}}|[0-9]{{13}}",
        r"[0-9]{3}-[0-9]{2}-[0-9]{4}|(?i:ssn|social)[^\n]{0,60}[0-9]{3}[ .]?[0-9]{2}[ .]?[0-9]{4}|[0-9]{4}[^\n0-9]{1,30}(?i:ssn|social)",
        rf"{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}",
        rf"[0-9]\.[0-9]{{1,3}}\.[0-9]{{1,3}}\.[0-9]|::|:{_HEX}{{1,4}}:{_HEX}{{1,4}}:",
    )
)
LONG_TOKEN = "[0-9A-Za-z_-]{22}"
