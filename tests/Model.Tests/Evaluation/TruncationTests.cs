using Makemore.Gpu.Model.Evaluation;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

sealed class TruncationTests
{
    static readonly float[] Probabilities = [0.125f, 0.25f, 0.0625f, 0.25f, 0.3125f];

    [TestCase(null, null, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(5, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(9, null, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(1, null, new[] { 4 })]
    [TestCase(2, null, new[] { 1, 4 })]
    [TestCase(3, null, new[] { 1, 3, 4 })]
    [TestCase(null, 1e-300, new[] { 4 })]
    [TestCase(null, double.Epsilon, new[] { 4 })]
    [TestCase(null, 0.3125, new[] { 4 })]
    [TestCase(null, 0.3126, new[] { 1, 4 })]
    [TestCase(null, 0.8125, new[] { 1, 3, 4 })]
    [TestCase(null, 0.99, new[] { 0, 1, 2, 3, 4 })]
    // Of the three likeliest, which have 0.8125 together, half is 0.40625.
    [TestCase(3, 0.5, new[] { 1, 4 })]
    [TestCase(1, 0.9, new[] { 4 })]
    public void The_likeliest_keep_their_probability_and_the_others_have_none(int? topK, double? topP, int[] kept)
    {
        float[] restricted = [.. Probabilities];
        Truncation.Apply(restricted, topK, topP);
        Assert.That(restricted, Is.EqualTo(Probabilities.Select((probability, token) => kept.Contains(token) ? probability : 0f)));
    }
}
