// Writes the address. Streamlit's own parameters (embed, embed_options) stay.
let entry = null;

export default function ({ data }) {
  const isNew = entry !== null && data.entry > entry;
  entry = data.entry;
  const query = new URLSearchParams(data.query);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name.startsWith("embed")) query.append(name, value);
  }
  const search = query.size ? `?${query}` : "";
  if (search === location.search) return;
  const url = location.pathname + search + location.hash;
  if (isNew) history.pushState({}, "", url); else history.replaceState({}, "", url);
}
