using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>The characters, as the embedding table places them.</summary>
static class CharactersSection
{
    /// <summary>The map of the characters; nothing where there is none.</summary>
    /// <param name="map">The map.</param>
    /// <param name="vocabulary">The characters.</param>
    public static IEnumerable<Section> Of(EmbeddingMap? map, Vocabulary vocabulary)
    {
        if (map is null)
        {
            yield break;
        }
        string axis = map.IsProjected ? "principal component" : "value of the embedding";
        yield return new Section("Characters")
        {
            Text = "The rows of the embedding table as points. Nobody told the network which characters are alike: training moves those "
                + "together that may stand for one another, above all the vowels. "
                + (map.IsProjected
                    ? "The plane is that of the first two principal components, along which the rows differ most; "
                        + $"it holds {Format.Percent(map.Share)} of their variance. Much of that is still the random start, which rare "
                        + "characters hardly leave: with --embedding 2 the picture is clearer."
                    : "The embedding has two values, and is drawn as it is."),
            Pictures =
            [
                new Chart(
                    "characters", "The characters, as the embedding table places them", $"first {axis}", $"second {axis}",
                    [
                        new Series("characters", map.X, map.Y, SeriesStyle.Points)
                        {
                            Labels = vocabulary.Tokens,
                        },
                    ]),
            ],
        };
    }
}
