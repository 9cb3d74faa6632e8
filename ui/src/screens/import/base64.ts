/** The bytes of a file as base64, made by the web view itself and off the page's thread. */
export function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(dataOf(String(reader.result)));
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
}

/** What stands after the comma of a data address; nothing for an empty file. */
function dataOf(address: string): string {
  return address.slice(address.indexOf(",") + 1);
}
