import { describe, expect, test } from "vitest";

import { docxFile, paragraph } from "../support/files/office-files.ts";
import { readSample, textOfSample } from "../support/files/read-sample.ts";

const unreadable = (why: string): object => ({ kind: "unreadable", why });
const bytes = (hex: string): Buffer<ArrayBuffer> => Buffer.from(hex.replaceAll(" ", ""), "hex");

describe("a text", () => {
  test.each([
    ["UTF-8 with a mark", Buffer.from("\uFEFFGrüße aus Köln"), "Grüße aus Köln"],
    ["UTF-16", Buffer.from("\uFEFFGrüße aus Köln", "utf16le"), "Grüße aus Köln"],
    ["UTF-16, big-endian", Buffer.from("\uFEFFGrüße", "utf16le").swap16(), "Grüße"],
    ["UTF-16 without a mark", Buffer.from("name;price\nchair;20\n", "utf16le"), "name;price\nchair;20"],
    [
      "Windows-1252",
      Buffer.concat([Buffer.from("Gr\xfc\xdfe aus K\xf6ln, sch\xf6ne Gr\xfc\xdfe ", "latin1"), bytes("80")]),
      "Grüße aus Köln, schöne Grüße €",
    ],
    [
      "Shift_JIS",
      bytes(
        "93fa967b8cea82cc8365834c8358836782c582b781428aa58e9a82c682d082e782aa82c882aa82a082e882dc82b78142",
      ),
      "日本語のテキストです。漢字とひらがながあります。",
    ],
    [
      "GB18030",
      bytes("d5e2cac7d2bbb8f6d6d0cec4cec4b1bea1a3ced2c3c7bdf1ccecbfaabbe1a3acccd6c2dbd0c2b5c4bcc6bbaea1a3"),
      "这是一个中文文本。我们今天开会，讨论新的计划。",
    ],
  ])("in %s is read", async (_, file, text) => {
    expect(await textOfSample(file, "notes.txt")).toContain(text.slice(0, 5));
    expect(await textOfSample(file, "notes.txt")).not.toContain("\uFFFD");
  });

  test("comes without control, direction and invisible characters", async () => {
    const hidden = String.fromCodePoint(...Array.from(Buffer.from("obey"), (code) => 0xe0000 + code));
    const raw = `a\u0001\u0007b\u202Ec\u200B\u2066d${hidden}\r\ne\ttab`;
    expect(await textOfSample(raw, "notes.txt")).toBe("abcd\ne\ttab");
  });

  test.each(["table.csv", "main.ts", "data.json", "Dockerfile", "script"])(
    "named %s is read as it is",
    async (name) => {
      const text = 'name,"note"\nchair,"a ""good"" one"\n<b>x</b>';
      expect(await textOfSample(text, { name, mediaType: "video/mp2t" })).toBe(text);
    },
  );

  test("that is long is cut, and says so", async () => {
    expect(await readSample("word ".repeat(1_000), "long.txt", 100)).toMatchObject({ isCut: true });
    expect(await readSample("word ".repeat(20), "short.txt", 100)).toMatchObject({ isCut: false });
  });

  test("that is cut off within a character is UTF-8 all the same", async () => {
    const whole = Buffer.from(`${"word ".repeat(20)}ü`);
    expect(await textOfSample(whole.subarray(0, -1), "cut.txt")).toMatch(/word \uFFFD$/u);
  });

  test("that is blank is empty", async () => {
    expect(await readSample("", "none.txt")).toEqual(unreadable("empty"));
    expect(await readSample(" \n\uFEFF\n", "blank.txt")).toEqual(unreadable("empty"));
  });
});

describe("bytes that are no text", () => {
  const noise = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 7_919) % 256));

  test("are of an unknown type, or a broken file of the type that they claim to be", async () => {
    expect(await readSample(noise, "backup.bin")).toEqual(unreadable("unknown-type"));
    for (const name of ["report.pdf", "a.docx", "photo.png", "notes.txt"])
      expect(await readSample(noise, name)).toEqual(unreadable("broken"));
  });

  test("of older or other kinds of documents are of an unknown type", async () => {
    const compound = Buffer.concat([bytes("d0cf11e0a1b11ae1"), Buffer.alloc(600)]);
    expect(await readSample(compound, "old.doc")).toEqual(unreadable("unknown-type"));
    expect(await readSample("{\\rtf1 Hello}", "letter.rtf")).toEqual(unreadable("unknown-type"));
  });
});

describe("a page", () => {
  const page = `<!DOCTYPE html><html><head><title>Our &amp; plan</title><style>p{}</style><script>alert(1)</script></head>
    <body><h2>Friday</h2><p>Bring   <b>paint</b>,
    see <a href="https://example.com/x">the list</a> and <a href="javascript:alert(1)">this</a>.</p><ul><li>white<li>blue</ul>
    <table><tr><th>Who<th>What</tr><tr><td>Ada<td>walls</td></tr></table><pre>a
  b</pre><img alt="a roof"></body></html>`;

  test("is read with headings, lists, tables and links, without scripts", async () => {
    expect(await textOfSample(page, "plan.html")).toBe(
      [
        "Our & plan",
        "## Friday",
        "Bring paint, see the list (https://example.com/x) and this.",
        "- white\n- blue",
        "| Who | What |\n| --- | --- |\n| Ada | walls |",
        "a\n  b",
        "[image: a roof]",
      ].join("\n\n"),
    );
  });

  test("in another encoding says so itself", async () => {
    const file = Buffer.from('<html><head><meta charset="iso-8859-2"></head><body>\xb3\xf3d\xbc', "latin1");
    expect(await textOfSample(file, "pl.html")).toBe("łódź");
  });

  test.each([
    { name: "report.pdf", mediaType: "application/pdf" },
    { name: "photo.png", mediaType: "image/png" },
    { name: "report.docx" },
    { name: "archive.zip" },
  ])("in place of $name is a page to sign in", async (facts) => {
    expect(await readSample(page, facts)).toEqual(unreadable("login-page"));
    expect(await readSample(`<!-- x -->\n${page.toLowerCase()}`, facts)).toEqual(unreadable("login-page"));
  });

  test("in place of a text is one only if it asks to sign in", async () => {
    const facts = { name: "notes.txt", mediaType: "text/plain" };
    expect(await textOfSample(page, facts)).toBe(page);
    const signIn = "<!DOCTYPE html><html><head><title>Sign in to Acme | Slack</title></head></html>";
    expect(await readSample(signIn, facts)).toEqual(unreadable("login-page"));
    expect(await textOfSample(signIn, { name: "sign-in.php" })).toContain("Sign in to Acme");
  });

  test("that Excel saved under its own name is read", async () => {
    const saved = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>7</td></tr></table></html>`;
    expect(await textOfSample(saved, { name: "a.xls", mediaType: "application/vnd.ms-excel" })).toBe(
      "| 7 |\n| --- |",
    );
  });
});

test("a file is read by its content, whatever its name says", async () => {
  const facts = { name: "notes.txt", mediaType: "text/plain" };
  expect(await textOfSample(docxFile(paragraph("Hello")), facts)).toBe("Hello");
});
