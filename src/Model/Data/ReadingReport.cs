namespace Makemore.Gpu.Model.Data;

/// <summary>What was found while names were read.</summary>
/// <param name="Encoding">The encoding of the text, by its name on the internet.</param>
/// <param name="Faults">Lines that are no names and were left out.</param>
/// <param name="FirstFaults">The first of them.</param>
/// <param name="Repeats">Names that were left out because they repeat an earlier one.</param>
/// <param name="Reformed">Names whose letters and marks were composed or decomposed.</param>
/// <param name="WithInvisible">Names that held characters that cannot be seen, which were left out.</param>
/// <param name="WithSpaces">Names that held other spaces than plain ones, which were replaced.</param>
/// <param name="Lowered">Names with large letters, which became small.</param>
sealed record ReadingReport(
    string Encoding, int Faults, IReadOnlyList<LineFault> FirstFaults, int Repeats, int Reformed, int WithInvisible, int WithSpaces,
    int Lowered);

/// <summary>A line that is no name.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Reason">What it is or holds.</param>
sealed record LineFault(int Line, string Reason);
