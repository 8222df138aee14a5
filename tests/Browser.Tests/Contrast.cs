namespace Makemore.Gpu.Browser.Tests;

/// <summary>Finds text that is hard to read.</summary>
static class Contrast
{
    /// <summary>
    /// Gives every element whose own text has a contrast of less than 4.5:1, what level AA of the Web Content Accessibility Guidelines 2.2
    /// asks for (1.4.3), after their definition of relative luminance. Backgrounds are opaque.
    /// </summary>
    public const string Script = """
        () => {
          const channels = color => color.match(/[\d.]+/g).map(Number);
          const linear = value => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
          const luminance = color => {
            const [red, green, blue] = channels(color).map(linear);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
          };
          const background = element => {
            const { backgroundColor } = getComputedStyle(element);
            return channels(backgroundColor)[3] === 0 ? background(element.parentElement) : backgroundColor;
          };
          const contrast = element => {
            const pair = [getComputedStyle(element).color, background(element)].map(luminance).sort((one, other) => one - other);
            return (pair[1] + 0.05) / (pair[0] + 0.05);
          };
          return [...document.querySelectorAll("body *:not(script)")]
            .filter(element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim() !== ""))
            .filter(element => contrast(element) < 4.5)
            .map(element => `${element.tagName} ${element.className}: ${element.textContent.slice(0, 40)}`);
        }
        """;
}
