using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Strategies;

/// <summary>A network whose training is measured in every form.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Characters">How many characters the names have; null for those of the embedded names.</param>
sealed record NetworkSize(string Name, Recipe Recipe, int? Characters = null)
{
    const int FirstCharacter = 0x4E00;
    const int CharactersOfName = 3;

    // Unicode's ideographs lie in two runs.
    const int EndOfFirstRun = 0x9FF0;
    const int SecondRun = 0x20000;

    /// <summary>From the lectures' network to those that fill memory.</summary>
    public static IReadOnlyList<NetworkSize> All { get; } =
    [
        Batchnorm(32, 200),
        Batchnorm(1024, 200),
        Batchnorm(256, 512),
        Batchnorm(256, 1024),
        Batchnorm(32, 2048),
        Batchnorm(1024, 2048),
        Batchnorm(4096, 2048),
        Batchnorm(1024, 8192),
        Deep(32, 100, 100, 100, 100, 100),
        Deep(32, 1024, 1024, 1024),
        Deep(1024, 1024, 1024, 1024),
        Deep(256, 2048, 2048, 2048),
        Batchnorm(32, 200, characters: 5_000),
        Batchnorm(32, 200, characters: 50_000),
    ];

    /// <summary>The data set.</summary>
    public Dataset Data() => Dataset.Create(
        Characters is { } count ? NamesFile.Parse("generated names", Encoding.UTF8.GetBytes(NamesOf(count))) : NamesFile.Embedded(),
        Recipe.Context);

    static NetworkSize Batchnorm(int batch, int hidden, int? characters = null) => new(
        $"batchnorm, batch {batch}, hidden {hidden}" + (characters is { } count ? $", {count:N0} characters" : ""),
        Recipe.Named("batchnorm") with { Batch = batch, Hidden = [hidden] }, characters);

    static NetworkSize Deep(int batch, params int[] hidden) => new(
        $"deep-batchnorm, batch {batch}, hidden {hidden.Length} x {hidden[0]}",
        Recipe.Named("deep-batchnorm") with { Batch = batch, Hidden = [.. hidden] });

    // Every character once, a few to a name.
    static string NamesOf(int count)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            int character = FirstCharacter + i < EndOfFirstRun ? FirstCharacter + i : SecondRun + (FirstCharacter + i - EndOfFirstRun);
            text.Append(char.ConvertFromUtf32(character)).Append((i + 1) % CharactersOfName == 0 ? "\n" : "");
        }
        return text.ToString();
    }
}
