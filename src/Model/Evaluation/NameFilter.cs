using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>Which of the names that a model draws are wanted.</summary>
sealed record NameFilter
{
    /// <summary>Only names that stand in no split.</summary>
    public bool NewOnly { get; init; }

    /// <summary>Only names that were not drawn before.</summary>
    public bool Unique { get; init; }

    /// <summary>What lengths are counted in.</summary>
    public Tokenization Tokens { get; init; } = new();

    /// <summary>The fewest tokens.</summary>
    public int MinLength { get; init; }

    /// <summary>The most tokens.</summary>
    public int MaxLength { get; init; } = int.MaxValue;

    /// <summary>What stands somewhere in the name.</summary>
    public string Contains { get; init; } = "";

    /// <summary>Whether a name is wanted.</summary>
    /// <param name="name">The name.</param>
    public bool Wants(SampledName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int length = Tokens.Count(name.Name);
        return length >= MinLength && length <= MaxLength && name.Name.Contains(Contains, StringComparison.Ordinal)
            && !(NewOnly && name.KnownIn is not null) && !(Unique && name.IsRepeat);
    }
}

/// <summary>A name that a model has drawn.</summary>
/// <param name="Name">The name, which may be empty.</param>
/// <param name="KnownIn">The split in which it stands: train, dev or test; null for a new one, or where that is not known.</param>
/// <param name="IsRepeat">Whether it was drawn before.</param>
sealed record SampledName(string Name, string? KnownIn, bool IsRepeat)
{
    /// <summary>Marks drawn names.</summary>
    /// <param name="draws">The names in the order in which they were drawn.</param>
    /// <param name="known">The names that the model was trained on and evaluated on; null where they are not known.</param>
    public static IEnumerable<SampledName> Mark(IEnumerable<string> draws, KnownNames? known)
    {
        ArgumentNullException.ThrowIfNull(draws);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return draws.Select(name => new SampledName(name, known?.SplitOf(name), !seen.Add(name)));
    }
}
