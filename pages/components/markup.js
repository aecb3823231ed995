// Shows HTML of our own figures.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".markup");
  if (root.innerHTML !== data.html) root.innerHTML = data.html;
}
