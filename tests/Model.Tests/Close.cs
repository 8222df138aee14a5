using Makemore.Gpu.Model.Checking;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>The one rule by which tensors are compared: <see cref="Tolerance"/>.</summary>
static class Close
{
    /// <summary>Asserts that every value lies within the tolerance; says how many do not, and for the first both values.</summary>
    public static void Assert(string name, IReadOnlyList<double> actual, IReadOnlyList<double> expected, Tolerance tolerance)
    {
        NUnit.Framework.Assert.That(actual, Has.Count.EqualTo(expected.Count), name);
        int[] faults = [.. Enumerable.Range(0, actual.Count).Where(i => !tolerance.Holds(actual[i], expected[i]))];
        string first = faults.Length == 0 ? "" : $"{name}[{faults[0]}] is {actual[faults[0]]:R} and should be {expected[faults[0]]:R}";
        NUnit.Framework.Assert.That(faults, Is.Empty, $"{faults.Length} of {actual.Count}; {first}");
    }

    public static void Assert(string name, float[] actual, IReadOnlyList<double> expected, Tolerance tolerance) =>
        Assert(name, Array.ConvertAll(actual, value => (double)value), expected, tolerance);
}
