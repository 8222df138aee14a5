using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class SplitTests
{
    // Names of 0, 1 and 2 characters, and one of two that are two of a string's each.
    static readonly string[] Names = ["", "b", "ab", "", "𐐀𐐁"];

    static readonly Vocabulary Vocabulary = Vocabulary.Of(Names);

    // Each name by itself, its context pushed on token by token.
    [Test]
    public void Contexts_are_what_stands_before_in_the_name([Values(1, 2, 3, 7, 97)] int context)
    {
        var split = Split.Of(Names, context, Vocabulary);
        List<int> contexts = [], targets = [];
        foreach (string name in Names)
        {
            var window = new Queue<int>(new int[context]);
            foreach (int token in Vocabulary.Encode(name).Append(0))
            {
                contexts.AddRange(window);
                targets.Add(token);
                window.Enqueue(token);
                window.Dequeue();
            }
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(split.Tokens, Is.EqualTo(targets));
            Assert.That(split.ContextsOf(split.Examples), Is.EqualTo(contexts));
            Assert.That(split.TargetsOf(split.Examples), Is.EqualTo(targets));
        }
    }

    [Test]
    public void The_first_examples_keep_their_contexts([Range(0, 10)] int count)
    {
        var split = Split.Of(Names, context: 2, Vocabulary);
        Split first = split.First(count);
        Assert.That(first.ContextsOf(first.Examples), Is.EqualTo(split.ContextsOf(split.Examples)[..(2 * count)]));
    }

    [Test]
    public void Contexts_of_no_names_are_kept_as_they_are([Values(1, 3)] int context)
    {
        int[] contexts = [0, 0, 1, 2, 0, 3, 4, 5, 0, 0, 0, 0];
        int[] targets = [.. Enumerable.Range(0, contexts.Length / context).Select(n => n % 3)];
        (Split split, int[] examples) = Split.OfContexts(contexts, targets);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(split.Context, Is.EqualTo(context));
            Assert.That(split.ContextsOf(examples), Is.EqualTo(contexts));
            Assert.That(split.TargetsOf(examples), Is.EqualTo(targets));
        }
    }

    [Test]
    public void Examples_have_the_same_context_where_their_contexts_are_equal([Values(1, 2, 3, 5)] int context)
    {
        var split = Split.Of(["emma", "em", "ma", "a", "emma", "mma"], context, Vocabulary.Of(["ema"]));
        using (Assert.EnterMultipleScope())
        {
            foreach (int one in split.Examples)
            {
                foreach (int other in split.Examples)
                {
                    Assert.That(
                        split.HaveSameContext(one, other), Is.EqualTo(split.ContextOf(one).SequenceEqual(split.ContextOf(other))),
                        $"{one}, {other}");
                }
            }
        }
    }
}
