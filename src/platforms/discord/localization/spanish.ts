import type { Translations } from "./translations.ts";

export const spanish: Translations = {
  "Summarise this conversation: decisions, open questions, action items":
    "Resume esta conversación: decisiones, preguntas abiertas y tareas pendientes",
  "show it to everyone here, not only to you": "que lo vean todos aquí, no solo tú",
  "how far back: 2h, 3d, today, yesterday, monday, 2026-11-20":
    "desde cuándo: 2h, 3d, today, yesterday, monday, 2026-11-20",
  "Find what was said: who said it, when and where": "Busca lo que se dijo: quién, cuándo y dónde",
  "show it to everyone here (only what all of them can read)":
    "que lo vean todos aquí (solo lo que todos pueden leer)",
  "words to look for": "palabras que buscar",
  "Show what I remember of this conversation": "Muestra lo que recuerdo de esta conversación",
  "with token counts": "con el número de tokens",
  "pin 2, unpin 2 or remove 2: a line of the summary by its number":
    "pin 2, unpin 2 o remove 2: una línea del resumen, por su número",
  "Ignore everything said so far (can be undone)": "Ignora todo lo dicho hasta ahora (se puede deshacer)",
  "don't ask first, even if others are here": "sin preguntar antes, aunque haya más gente",
  "undo the last reset (within 24 hours)": "deshace el último reinicio (en un plazo de 24 horas)",
  "Delete your data, or this conversation": "Borra tus datos o esta conversación",
  "everything you said, everywhere": "todo lo que has dicho, en cualquier lugar",
  "this conversation": "esta conversación",
  "bring back a conversation that was just deleted": "recupera una conversación recién borrada",
  "delete without asking first": "borra sin preguntar antes",
  "Download this conversation (Markdown, JSON)": "Descarga esta conversación (Markdown, JSON)",
  "Stop answering in this conversation": "Deja de responder en esta conversación",
  "Answer in this conversation again": "Vuelve a responder en esta conversación",
  "Make an image from a description": "Crea una imagen a partir de una descripción",
  "what it shows": "lo que se ve en ella",
  "What I can do": "Lo que puedo hacer",
  "which conversation of this channel": "qué conversación de este canal",
  "Ask about this": "Preguntar sobre esto",
  "Summarise from here": "Resumir desde aquí",
  "Your question": "Tu pregunta",
  "Explain this message.": "Explica este mensaje.",
  "Ask me something in private (I won't remember it)": "Pregúntame algo en privado (no lo recordaré)",
  "what you want to know": "lo que quieres saber",
};
