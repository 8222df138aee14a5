using System.Globalization;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>One of equal parts of a sweep, which is trained into a folder of its own: no file ever has two writers.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Count">How many parts there are.</param>
sealed partial record SweepPart(int Number, int Count)
{
    /// <summary>The most parts of a sweep.</summary>
    public const int MostParts = 10_000;

    /// <summary>Reads a part as it is written: 2/5.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">It is no part.</exception>
    public static SweepPart Parse(string text) => Of(Written().Match(text)) ?? throw new InvalidRequestException(
        $"{SweepRunOptions.Part.Name} is '{text}' and must be K/N, the K-th of N parts, such as 1/4, with at most {MostParts:N0} parts");

    /// <summary>The part that a folder holds; null where its name is not that of a part.</summary>
    /// <param name="folder">The folder.</param>
    public static SweepPart? OfFolder(string folder) => Of(InFolder().Match(Path.GetFileName(folder)));

    /// <summary>The folder of the part.</summary>
    /// <param name="sweep">The folder of the sweep.</param>
    public string FolderIn(string sweep) =>
        Path.Combine(sweep, string.Create(CultureInfo.InvariantCulture, $"part-{Number}-of-{Count}"));

    /// <summary>Whether a network belongs to the part.</summary>
    /// <param name="number">The network, from 0.</param>
    public bool Has(int number) => number % Count == Number - 1;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");

    static SweepPart? Of(Match match) =>
        match.Success && Read(match, 1) is { } number && Read(match, 2) is <= MostParts and { } count && number <= count
            ? new SweepPart(number, count)
            : null;

    static int? Read(Match match, int group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"^([1-9][0-9]*)/([1-9][0-9]*)\z")]
    private static partial Regex Written();

    [GeneratedRegex(@"^part-([1-9][0-9]*)-of-([1-9][0-9]*)\z")]
    private static partial Regex InFolder();
}
