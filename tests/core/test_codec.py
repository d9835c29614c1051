"""The permalink codec: round trips, hostile tokens, and agreement with the browser's half through node."""

import base64
import json
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.codec import decode, encode
from app.core.errors import GradwalkError

LECTURE = "x = torch.tensor(3.)\nw = torch.tensor(2., requires_grad=True)\na = torch.relu(w * x)\na.backward()\n"
PROGRAMS = ["", "x", LECTURE, "é ∂a/∂w 𝛁 \ufeff\r\n\t\0", LECTURE * 40]
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "codec.js"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)


def packed(data: bytes, level: int = 6, strategy: int = zlib.Z_DEFAULT_STRATEGY, flush: int | None = None) -> bytes:
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -15, strategy=strategy)
    half = len(data) // 2
    out = squeeze.compress(data[:half]) + (squeeze.flush(flush) if flush is not None else b"")
    return out + squeeze.compress(data[half:]) + squeeze.flush()


def token(raw: bytes) -> str:
    return "d1." + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def inflate(text: str) -> str:
    """An independent reading of the documented format."""
    body = text.removeprefix("d1.")
    return zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), -15).decode()


@given(texts)
def test_round_trip(program: str) -> None:
    made = encode(program)
    assert decode(made) == program
    assert inflate(made) == program
    assert made.startswith("d1.")
    assert not set(made) & set("+/= &?#%")


@given(
    texts,
    st.sampled_from([0, 1, 6, 9]),
    st.sampled_from([zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_FIXED, zlib.Z_RLE]),
    st.sampled_from([None, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH]),
)
def test_any_valid_stream_decodes(program: str, level: int, strategy: int, flush: int | None) -> None:
    assert decode(token(packed(program.encode(), level, strategy, flush))) == program


@given(st.text(max_size=80) | st.text("ABCDabcd0123-_", max_size=80).map("d1.".__add__))
def test_any_text_is_a_program_or_a_bad_view(text: str) -> None:
    try:
        program = decode(text)
    except GradwalkError as error:
        refused = error
    else:
        assert inflate(text) == program
        return
    assert refused.code == "bad_view"
    assert refused.message.startswith("c: ")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "must start with d1."),
        ("d2." + encode("x")[3:], "written in the form d2, and this server reads d1 only"),
        ("d1.a", "not base64url"),
        ("d1.ab+/", "does not have"),
        ("d1.é", "does not have"),
        (encode(LECTURE)[:-8], "cut short"),
        (token(packed(b"x") + b"more"), "something follows"),
        (token(b"\xff\xff\xff"), "not a deflate stream"),
        (token(packed(b"\xff\xfe")), "not UTF-8"),
        (token(packed(b"x" * 20_001)), "more than 20,000 characters"),
        (token(packed(b"\0" * 50_000_000, 9)), "more than 80,000 bytes"),
    ],
)
def test_a_bad_token_says_why(bad: str, says: str) -> None:
    with pytest.raises(GradwalkError, match=says) as caught:
        decode(bad)
    assert caught.value.code == "bad_view"


def test_half_a_surrogate_pair_has_no_token() -> None:
    with pytest.raises(GradwalkError, match="character 2") as caught:
        encode("a\ud800")
    assert caught.value.code == "bad_view"


def test_limit_counts_characters() -> None:
    assert decode(encode("∂" * 10), limit=10) == "∂" * 10
    with pytest.raises(GradwalkError):
        decode(encode("∂" * 11), limit=10)


def in_node(job: dict[str, list[str]]) -> dict[str, list[str]]:
    """Encode and decode lists with static/js/codec.js."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; tests/browser runs the same file in Chromium")
    program = f"""
        import {{ encode, decode }} from {json.dumps(SCRIPT.as_uri())};
        const job = JSON.parse(await new Response(process.stdin).text());
        const tried = (text) => decode(text).catch((error) => `${{error.name}}: ${{error.message}}`);
        const encoded = await Promise.all(job.encode.map(encode));
        const decoded = await Promise.all(job.decode.map(tried));
        process.stdout.write(JSON.stringify({{ encoded, decoded }}));
    """
    program = program.replace("new Response(process.stdin)", "new Response(ReadableStream.from(process.stdin))")
    run = subprocess.run(
        [node, "--input-type=module", "-e", program], input=json.dumps(job), capture_output=True, text=True, check=True
    )
    answer: dict[str, list[str]] = json.loads(run.stdout)
    return answer


def test_browser_and_server_read_each_other() -> None:
    streams = [token(packed(LECTURE.encode(), level, flush=zlib.Z_FULL_FLUSH)) for level in (0, 1, 9)]
    answer = in_node({"encode": PROGRAMS, "decode": [encode(program) for program in PROGRAMS] + streams})
    assert [decode(text) for text in answer["encoded"]] == PROGRAMS
    assert answer["decoded"] == PROGRAMS + [LECTURE] * 3


def test_browser_refuses_what_the_server_refuses() -> None:
    bad = [
        "d2.x",
        "d1.a",
        "d1.ab+/",
        encode(LECTURE)[:-8],
        token(packed(b"\xff\xfe")),
        token(packed(b"x" * 20_001)),
        token(packed(b"\0" * 50_000_000, 9)),
    ]  # not bytes after the end: browsers refuse them as the standard says, node 20 does not
    answer = in_node({"encode": [], "decode": bad})
    assert [text.partition(":")[0] for text in answer["decoded"]] == ["RangeError"] * len(bad)
