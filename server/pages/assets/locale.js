// What a browser loads when a language is first asked about takes long on a slow one: here it is a task of its own, before the
// program's, so that nobody waits for both at once.
Intl.DateTimeFormat.supportedLocalesOf([navigator.language]);
