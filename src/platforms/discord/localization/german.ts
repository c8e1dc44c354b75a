import type { Translations } from "./translations.ts";

export const german: Translations = {
  "Summarise this conversation: decisions, open questions, action items":
    "Fasst dieses Gespräch zusammen: Entscheidungen, offene Fragen, Aufgaben",
  "show it to everyone here, not only to you": "für alle hier sichtbar, nicht nur für dich",
  "how far back: 2h, 3d, today, yesterday, monday, 2026-11-20":
    "ab wann: 2h, 3d, today, yesterday, monday, 2026-11-20",
  "Find what was said: who said it, when and where": "Findet, was gesagt wurde: von wem, wann und wo",
  "show it to everyone here (only what all of them can read)":
    "für alle hier sichtbar (nur, was alle lesen dürfen)",
  "words to look for": "gesuchte Wörter",
  "Show what I remember of this conversation": "Zeigt, was ich von diesem Gespräch noch weiß",
  "with token counts": "mit Token-Zahlen",
  "pin 2, unpin 2 or remove 2: a line of the summary by its number":
    "pin 2, unpin 2 oder remove 2: eine Zeile der Zusammenfassung, nach ihrer Nummer",
  "Ignore everything said so far (can be undone)":
    "Ignoriert alles, was bisher gesagt wurde (lässt sich rückgängig machen)",
  "don't ask first, even if others are here": "ohne Rückfrage, auch wenn andere hier sind",
  "undo the last reset (within 24 hours)": "macht den letzten Reset rückgängig (innerhalb von 24 Stunden)",
  "Delete your data, or this conversation": "Löscht deine Daten oder dieses Gespräch",
  "everything you said, everywhere": "alles, was du irgendwo gesagt hast",
  "this conversation": "dieses Gespräch",
  "bring back a conversation that was just deleted": "stellt ein gerade gelöschtes Gespräch wieder her",
  "delete without asking first": "ohne Rückfrage löschen",
  "Download this conversation (Markdown, JSON)": "Lädt dieses Gespräch herunter (Markdown, JSON)",
  "Stop answering in this conversation": "Antwortet nicht mehr in diesem Gespräch",
  "Answer in this conversation again": "Antwortet wieder in diesem Gespräch",
  "Make an image from a description": "Erstellt ein Bild nach einer Beschreibung",
  "what it shows": "was darauf zu sehen ist",
  "What I can do": "Was ich kann",
  "which conversation of this channel": "welches Gespräch in diesem Kanal",
  "Ask about this": "Dazu etwas fragen",
  "Summarise from here": "Ab hier zusammenfassen",
  "Your question": "Deine Frage",
  "Explain this message.": "Erkläre diese Nachricht.",
  "Ask me something in private (I won't remember it)":
    "Frag mich etwas, nur für dich (ich merke es mir nicht)",
  "what you want to know": "was du wissen möchtest",
};
