namespace Makemore.Gpu.Model.Evaluation;

/// <summary>Draws names until enough of them are wanted, or none seems to come any more.</summary>
/// <param name="draws">Marked names without end.</param>
/// <param name="filter">Which are wanted.</param>
sealed class NameSearch(IEnumerable<SampledName> draws, NameFilter filter)
{
    /// <summary>So many draws in a row without a wanted name end the search.</summary>
    public const int Patience = 10_000;

    /// <summary>How many names were drawn.</summary>
    public int Drawn { get; private set; }

    /// <summary>How many of them were wanted.</summary>
    public int Found { get; private set; }

    /// <summary>Searches. Each draw is given, so that the caller can stop in between: a wanted name, or null for another.</summary>
    /// <param name="count">How many names to find. Where the search ends before, <see cref="Found"/> tells how many there are.</param>
    public IEnumerable<SampledName?> Find(int count)
    {
        int inVain = 0;
        foreach (SampledName name in draws)
        {
            Drawn++;
            bool isWanted = filter.Wants(name);
            inVain = isWanted ? 0 : inVain + 1;
            Found += isWanted ? 1 : 0;
            yield return isWanted ? name : null;
            if (Found == count || inVain == Patience)
            {
                yield break;
            }
        }
    }
}
