// What a report in HTML is in a browser: with and without JavaScript, filtered, sorted, printed. Tells it as JSON.
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

const address = process.argv[2];
const browser = await puppeteer.launch({
  args: chromium.args, executablePath: await chromium.executablePath(), headless: "shell",
});
const complaints = [];
const requests = [];

async function open(scripts) {
  const page = await browser.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push("dialog"); dialog.dismiss(); });
  page.on("request", (request) => requests.push(request.url()));
  await page.setJavaScriptEnabled(scripts);
  await page.goto(address);
  return page;
}

const rows = (page) => page.$$eval("#findings tbody tr", (all) => all.filter((row) => row.checkVisibility())
  .map((row) => row.cells[1].querySelector("code").textContent));
const column = (page) => page.$$eval("#findings tbody tr", (all) => all.map((row) => row.cells[0].textContent));

const page = await open(true);
const told = { all: await rows(page) };
await page.type("#search", "acme/mail");
told.searched = await rows(page);
told.shown = await page.$eval("#shown", (output) => output.textContent);
await page.$eval("#search", (input) => { input.value = ""; input.dispatchEvent(new Event("input", { bubbles: true })); });
await page.select("#severity", "critical");
told.critical = await rows(page);
await page.select("#severity", "");
await page.click("#head");
told.head = await rows(page);
await page.click("#head");
await page.click("#findings th");
told.up = await column(page);
await page.click("#findings th");
told.down = await column(page);
await page.emulateMediaType("print");
told.printed = await page.$eval("#findings details ul", (list) => list.getBoundingClientRect().height > 0);

const plain = await open(false);
told.plain = await plain.evaluate(() => document.body.innerText).catch(() => null);
told.filters = await plain.$eval(".filters", (box) => box.checkVisibility()).catch(() => null);
await browser.close();
console.log(JSON.stringify({ ...told, complaints, requests }));
