/**
 * Lookalike characters, each row entry "prototype lookalikes": "a аɑ" means both are read as "a". Taken from Unicode's
 * confusables.txt (https://www.unicode.org/reports/tr39/) where the prototype is Latin, Greek or Cyrillic and NFKC does
 * not already unify them, plus others that people confuse in chats.
 */
const rows: readonly string[] = [
  "O 0\u{7c0}০୦〇\u{114d0}\u{118e0}ΟⲞОՕⵔዐଠ\u{104c2}ꓳ\u{118b5}\u{10292}\u{102ab}\u{10404}\u{10516}",
  "l 1\u{5c0}\u{2223}\u{23fd}\u{661}\u{6f1}\u{10320}\u{1e8c7}IƖǀΙⲒІӀ\u{5d5}\u{5df}\u{627}\u{7ca}ⵏᛁꓲ\u{16f28}\u{1028a}\u{10309}",
  "ˇ \u{a67e},ˉ \u{2594},ˉb ъ,ˉbi ꙑ,ˏ \u{375},2 ꝚƧϨꙄᒿꛯ,3 \u{1d206}ꞫȜƷꝪⳌЗӠ\u{16f3b}\u{118ca}",
  "4 Ꮞ\u{118af},5 Ƽ\u{118bb},6 ⳒбᏮ\u{118d5},7 \u{1d212}\u{104d2}\u{118c6},8 ৪੪\u{1e8cb}ȣȢ\u{1031a}",
  "9 ੧୨৭൭ꝮⳊ\u{118cc}\u{118ac}\u{118d6},a \u{237a}ɑαа,A ΑАᎪᗅꓮ\u{16f40}\u{102a0},ă ǎ,Ă Ǎ,å ȧ,Å Ȧ,aa ꜳ",
  "AA Ꜳ,ae æӕ,AE ÆӔ,ao ꜵ,AO Ꜵ,AR \u{1f707},au ꜷ,AU Ꜷ,av ꜹꜻ,AV ꜸꜺ,ay ꜽ,AY Ꜽ,b ƄЬᏏᖯ",
  "B ꞴΒВᏴᗷꓐ\u{10282}\u{102a1}\u{10301},bl Ы,ʙ вᏼ,c ᴄⲥсꮯ\u{1043d}",
  "C \u{1f74c}\u{118f2}\u{118e9}ⲤСᏟꓚ\u{102a2}\u{10302}\u{10415}\u{1051c},d ԁᏧᑯꓒ,D Ꭰᗞᗪꓓ,dȝ ʤ,dz ʣ,dʑ ʥ",
  "e \u{212e}ꬲеҽ,E \u{22ff}ΕЕⴹᎬꓰ\u{118a6}\u{118ae}\u{10286},ĕ ě,Ĕ Ě,ę ҿ,ǝ əә,Ǝ \u{2203}ⴺꓱ,ǝo ᴔ,Ə Ә",
  "Ɛ \u{1d221}ԐᏋ\u{16f2d}\u{10401},ɜ ᴈз,ɞ \u{10442},ʚ ꞝ\u{1042a},f ꬵꞙẝք",
  "F \u{1d213}ꞘϜᖴꓝ\u{118c2}\u{118a2}\u{10287}\u{102a5}\u{10525},fŋ ʩ,g ɡᶃƍց,G ԌᏀᏳꓖ,ğ ǧ,Ğ Ǧ,ģ ǵ,ɢ ԍꮐᏻ",
  "h һհᏂ,H ΗⲎНᎻᕼꓧ\u{102cf},ʜ нꮋ,Ƕ Ԋ,i \u{2373}ıɪɩιіꙇӏꭵᎥ\u{118c3},ĭ ǐ,Ĭ Ǐ,j ϳј,J ꞲͿЈᎫᒍꓙ,ȷ յ",
  "K ΚⲔКᏦᛕꓗ\u{10518},L \u{1d22a}ⳐᏞᒪꓡ\u{16f16}\u{118a3}\u{118b2}\u{1041b}\u{10526}",
  "ll \u{2016}\u{2225}ǁ\u{5f0},lO Ю,ls ʪ,lt \u{20b6},lȝ ɮ,lz ʫ,ʟ ⳑꮮ\u{10443}",
  "M ΜϺⲘМᎷᗰᛖꓟ\u{102b0}\u{10311},MB \u{1f76b},n ոռ,N ΝⲚꓠ\u{10513},ɲ ņ",
  "o ०੦૦௦౦೦൦๐໐၀\u{665}\u{6f5}ᴏᴑꬽοσⲟоჿօ\u{5e1}\u{647}\u{6be}\u{6c1}\u{6d5}ഠဝ\u{104ea}\u{118c8}\u{118d7}\u{1042c}",
  "ŏ ǒ,Ŏ Ǒ,ô \u{6ff},ơ ꭴ,oe œ,OE Œ,oo \u{221e}ꝏꚙ,OO ꝎꚘ,ɔ ↄᴐͻ\u{1044b},Ɔ ↃϽꓛ\u{10423},ɔe ꭢ,ɷ \u{1043f}",
  "p \u{2374}ρⲣр,P ΡⲢРᏢᑭꓑ\u{10295},ɸ φⲫф,q ԛգզ,Q ⵕ,QE \u{1f700},ɋ ᶐ,ĸ ᴋκⲕкꮶ,r ꭇꭈᴦⲅгꮁ",
  "R \u{1d216}ƦᎡᏒ\u{104b4}ᖇꓣ\u{16f35},rn \u{118e3}m\u{11700},ʀ ꭱꮢ,ɿ \u{2129},s ꜱƽѕꮪ\u{118c1}\u{10448}",
  "S ЅՏᏕᏚꓢ\u{16f3a}\u{10296}\u{10420},ß ꞵβᏰ,sss \u{1f75c},ʃ \u{222b}ꭍ,Ʃ \u{2211}Σⵉ",
  "T \u{22a4}\u{27d9}\u{1f768}ΤⲦТᎢꓔ\u{16f0a}\u{118bc}\u{10297}\u{102b1}\u{10315},Ţ Ț,T3 Ꜩ,tɕ ʨ,tf ꝷ",
  "ts ʦ,tʃ ʧ,tȝ ꜩ,ƫ ţțᎿ,u ꞟᴜꭎꭒʋυս\u{104f6}\u{118d8},U \u{222a}\u{22c3}Սሀ\u{104ce}ᑌꓴ\u{16f42}\u{118b8}",
  "ŭ ǔ,Ŭ Ǔ,ue ᵫ,uo ꭣ,ɰ պሣ,Ʊ \u{2127}ᘮᘴ,v \u{2228}\u{22c1}ᴠνѵ\u{5d8}\u{11706}ꮩ\u{118c0}",
  "V \u{1d20d}\u{667}\u{6f7}ѴⴸᏙᐯꛟꓦ\u{16f08}\u{118a0}\u{1051d},VB \u{1f76c},ʌ ᴧ\u{104d8}",
  "Ʌ \u{668}\u{6f8}ΛЛⴷ\u{104b0}ᐱꛎꓥ\u{16f3d}\u{1028d},w ɯᴡѡԝա\u{1170a}\u{1170e}\u{1170f}ꮃ",
  "W \u{118ef}\u{118e6}ԜᎳᏔꓪ,ʍ ᴍмꮇ,x \u{166e}\u{d7}\u{292b}\u{292c}\u{2a2f}хᕁᕽ",
  "X \u{166d}\u{2573}\u{10322}\u{118ec}ꞳΧⲬХⵝᚷꓫ\u{10290}\u{102b4}\u{10317}\u{10527},y ɣᶌʏỿꭚγуүყ\u{118dc}",
  "Y ΥⲨУҮᎩᎽꓬ\u{16f43}\u{118a4}\u{102b2},ȝ ʒꝫⳍӡჳ,z ᴢꮓ\u{118c4},Z \u{102f5}\u{118e5}ΖᏃꓜ\u{118a9},þ ƿϸ",
  "Þ Ϸ\u{104c4},ƨ ᴤϩꙅ,ƅ ьꮟ,ƅi ы,ɂ ꭾ,ʡ ꛍ,ʘ \u{2299}\u{2609}\u{2a00}Ꙩⵙ\u{104c3},Γ ⲄГᎱᒥ\u{16f07}",
  "Δ \u{2206}\u{25b3}\u{1f702}Ⲇⵠᐃ\u{16f1a}\u{10285}\u{102a3},ϗ ⳤ,λ Ⲗ\u{104db},π ᴨп,Π \u{220f}ⲠПꛛ",
  "Ϙ \u{102ad}\u{10312},ς ϛ,Φ ⲪФՓቀᛰ\u{102b3},χ ꭓꭕⲭ,ψ ѱ\u{104f9},Ψ ⲮѰ\u{104d1}ᛘ\u{102b5},ω \u{2375}ꞷⲱꙍ",
  "Ω ᘯᘵ\u{102b6},Ϭ Ⳝ,И \u{1d20b}Ͷꚡ\u{10425},Ѝ Й,й ѝ,Ӄ \u{104bc},л ᴫ,љ ꭠ,Ћ \u{104cd},Ӿ \u{1d202}",
  // Additions: small capitals, wide and double letters, and a few lookalikes in other scripts.
  "a ᴀⲁ,b ʙ,d ᴅ,e ᴇ,f ꜰ,g ɢ,h ʜ,j ᴊ,k ĸ,l ʟ,n ɴ,p ᴘ,q ꞯ,r ʀ,t ᴛт,rn ʍ,vv w,đ ðɖ,Đ ÐƉ",
  "工 エ,口 ロ囗,二 ニ,八 ハ,力 カ,夕 タ,卜 ト,一 ー,丿 ノ,へ ヘ,べ ベ,ぺ ペ,り リ,王 ⺩,ي یى,ك ک",
  "Ѡ \u{1d222}Ꮗᗯ,ҷ ӌ,Ҷ Ӌ,ш ⲽ,Ш Ⲽ,Ъl Ꙑ,Э \u{2108}",
];

const listed: ReadonlyMap<string, string> = new Map(
  rows
    .flatMap((row) => row.split(","))
    .flatMap((entry) => {
      const [looks = "", those = ""] = entry.split(" ", 2);
      return Array.from(those, (each) => [each, looks] as const);
    }),
);

/** Accented forms of listed lookalikes, mapped to the prototype with the same accents. */
function* accented(): Generator<readonly [string, string]> {
  for (let code = 0xc0; code < 0x20_00; code += 1) {
    const letter = String.fromCharCode(code);
    const [base = "", ...accents] = letter.normalize("NFD");
    const looks = listed.get(base);
    if (accents.length > 0 && looks !== undefined && !listed.has(letter))
      yield [letter, `${looks}${accents.join("")}`.normalize("NFC")];
  }
}

/** Letters in circles, squares and flags, which NFKC does not change. */
function* pictured(): Generator<readonly [string, string]> {
  for (const first of [0x1_f1_50, 0x1_f1_70, 0x1_f1_e6])
    for (let index = 0; index < 26; index += 1)
      yield [String.fromCodePoint(first + index), String.fromCharCode(0x61 + index)];
}

/** Prototype per lookalike character. Other characters are absent. */
export const prototypes: ReadonlyMap<string, string> = new Map([...accented(), ...pictured(), ...listed]);
