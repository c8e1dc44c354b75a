import type { Translations } from "./translations.ts";

export const french: Translations = {
  "Summarise this conversation: decisions, open questions, action items":
    "Résume cette conversation : décisions, questions en suspens, tâches à faire",
  "show it to everyone here, not only to you": "visible par tout le monde ici, pas seulement par toi",
  "how far back: 2h, 3d, today, yesterday, monday, 2026-11-20":
    "depuis quand : 2h, 3d, today, yesterday, monday, 2026-11-20",
  "Find what was said: who said it, when and where": "Retrouve ce qui a été dit : par qui, quand et où",
  "show it to everyone here (only what all of them can read)":
    "visible par tout le monde ici (seulement ce que chacun peut lire)",
  "words to look for": "mots à rechercher",
  "Show what I remember of this conversation": "Montre ce que j’ai retenu de cette conversation",
  "with token counts": "avec le nombre de tokens",
  "pin 2, unpin 2 or remove 2: a line of the summary by its number":
    "pin 2, unpin 2 ou remove 2 : une ligne du résumé, par son numéro",
  "Ignore everything said so far (can be undone)": "Ignore tout ce qui a été dit jusqu’ici (réversible)",
  "don't ask first, even if others are here": "sans demander confirmation, même si d’autres sont là",
  "undo the last reset (within 24 hours)": "annule la dernière réinitialisation (dans les 24 heures)",
  "Delete your data, or this conversation": "Supprime tes données ou cette conversation",
  "everything you said, everywhere": "tout ce que tu as dit, partout",
  "this conversation": "cette conversation",
  "bring back a conversation that was just deleted": "rétablit une conversation qui vient d’être supprimée",
  "delete without asking first": "supprime sans demander confirmation",
  "Download this conversation (Markdown, JSON)": "Télécharge cette conversation (Markdown, JSON)",
  "Stop answering in this conversation": "Ne répond plus dans cette conversation",
  "Answer in this conversation again": "Répond de nouveau dans cette conversation",
  "Make an image from a description": "Crée une image à partir d’une description",
  "what it shows": "ce que l’image doit montrer",
  "What I can do": "Ce que je sais faire",
  "which conversation of this channel": "quelle conversation de ce salon",
  "Ask about this": "Poser une question dessus",
  "Summarise from here": "Résumer à partir d’ici",
  "Your question": "Ta question",
  "Explain this message.": "Explique ce message.",
  "Ask me something in private (I won't remember it)":
    "Pose-moi une question en privé (je ne la retiens pas)",
  "what you want to know": "ce que tu veux savoir",
};
