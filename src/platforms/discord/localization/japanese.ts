import type { Translations } from "./translations.ts";

export const japanese: Translations = {
  "Summarise this conversation: decisions, open questions, action items":
    "この会話を要約します（決定事項・未解決の質問・やること）",
  "show it to everyone here, not only to you": "自分だけでなく、ここにいる全員に表示する",
  "how far back: 2h, 3d, today, yesterday, monday, 2026-11-20":
    "いつから：2h、3d、today、yesterday、monday、2026-11-20",
  "Find what was said: who said it, when and where": "過去の発言を探します（誰が・いつ・どこで）",
  "show it to everyone here (only what all of them can read)":
    "ここにいる全員に表示する（全員が読めるものだけ）",
  "words to look for": "探す言葉",
  "Show what I remember of this conversation": "この会話について覚えていることを表示します",
  "with token counts": "トークン数も表示する",
  "pin 2, unpin 2 or remove 2: a line of the summary by its number":
    "pin 2、unpin 2、remove 2：要約の行を番号で指定",
  "Ignore everything said so far (can be undone)": "これまでの発言を使わないようにします（元に戻せます）",
  "don't ask first, even if others are here": "ほかの人がいても確認せずに実行する",
  "undo the last reset (within 24 hours)": "直前のリセットを取り消す（24時間以内）",
  "Delete your data, or this conversation": "あなたのデータ、またはこの会話を削除します",
  "everything you said, everywhere": "あなたのすべての場所での発言",
  "this conversation": "この会話",
  "bring back a conversation that was just deleted": "削除したばかりの会話を元に戻す",
  "delete without asking first": "確認せずに削除する",
  "Download this conversation (Markdown, JSON)": "この会話をダウンロードします（Markdown、JSON）",
  "Stop answering in this conversation": "この会話で返事をしないようにします",
  "Answer in this conversation again": "この会話でまた返事をします",
  "Make an image from a description": "説明文から画像を作ります",
  "what it shows": "画像の内容",
  "What I can do": "できることを表示します",
  "which conversation of this channel": "このチャンネルのどの会話か",
  "Ask about this": "これについて質問する",
  "Summarise from here": "ここから要約する",
  "Your question": "質問",
  "Explain this message.": "このメッセージを説明してください。",
  "Ask me something in private (I won't remember it)": "自分だけに見える質問をします（記憶には残りません）",
  "what you want to know": "知りたいこと",
};
