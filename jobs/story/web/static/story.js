/** A story's page: its text grows while the job writes it. */

import { BASE } from "../base.js";
import { fetchJson, isTrouble } from "../fetch-json.js";
import { Coalesced } from "../coalesce.js";
import { watchJob } from "../watch.js";

/** @typedef {{number: number, title: string, text: string}} Chapter */

export function start() {
  const root = document.getElementById("job");
  if (!root) return;
  const story = document.getElementById("story").dataset.id;
  const turns = new Coalesced(async () => {
    const answer = await fetchJson(`${BASE}/api/stories/${story}`);
    if (!answer.problem) showStory(answer.data);
    return !isTrouble(answer);
  });

  watchJob(root, { onJob: () => turns.ask() });
}

/** @param {{title: string, theme: string, chapters: Chapter[]}} story */
function showStory(story) {
  document.getElementById("story-name").textContent = story.title || story.theme;
  const place = document.getElementById("chapters");
  for (const chapter of story.chapters) {
    showChapter(place.querySelector(`[data-chapter="${chapter.number}"]`) ?? addChapter(place, chapter), chapter);
  }
}

/** @param {HTMLElement} place @param {Chapter} chapter */
function addChapter(place, chapter) {
  const section = document.createElement("section");
  section.dataset.chapter = chapter.number;
  section.append(document.createElement("h2"));
  place.append(section);
  return section;
}

/** Only the paragraph that grew is touched. @param {HTMLElement} section @param {Chapter} chapter */
function showChapter(section, chapter) {
  const wanted = [chapter.title, ...chapter.text.split(/\n\s*\n/).map((text) => text.trim()).filter(Boolean)];
  while (section.childElementCount > wanted.length) section.lastElementChild.remove();
  wanted.forEach((text, index) => {
    const part = section.children[index] ?? section.appendChild(document.createElement("p"));
    if (part.textContent !== text) part.textContent = text;
  });
}
