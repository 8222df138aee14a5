using Makemore.Gpu.Model.Execution;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

/// <summary>How many threads the launches have, by times that tests make up.</summary>
sealed class ThreadChoiceTests
{
    const int Steps = 100;

    // Milliseconds of a step by 1 thread and by 4.
    static readonly Dictionary<int, double> Quiet = new() { [1] = 3, [4] = 1 };
    static readonly Dictionary<int, double> Busy = new() { [1] = 3, [4] = 20 };

    [Test]
    public void Many_threads_that_pay_have_nearly_all_launches()
    {
        var choice = new ThreadChoice(4, givesWay: true);
        int[] threads = Launch(choice, Quiet, launches: 1000);
        Assert.That(threads.Count(count => count == 4), Is.InRange(960, 999));
    }

    [Test]
    public void They_give_way_at_once_where_they_do_not_pay()
    {
        var choice = new ThreadChoice(4, givesWay: true);
        int[] threads = Launch(choice, Busy, launches: 100);
        using (Assert.EnterMultipleScope())
        {
            // The first launch compiles, the second is slow, the third a try.
            Assert.That(threads.Take(4), Is.EqualTo([4, 4, 1, 1]));
            Assert.That(threads.Skip(4).Count(count => count == 4), Is.LessThan(4));
        }
    }

    [Test]
    public void They_give_way_within_some_launches_when_the_machine_becomes_busy_and_come_back()
    {
        var choice = new ThreadChoice(4, givesWay: true);
        Launch(choice, Quiet, launches: 40);
        int[] busy = Launch(choice, Busy, launches: 12);
        int[] quiet = Launch(choice, Quiet, launches: 40);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(busy[^1], Is.EqualTo(1));
            Assert.That(quiet[^1], Is.EqualTo(4));
        }
    }

    [Test]
    public void They_come_back_soon_where_only_the_first_launches_were_slow()
    {
        var choice = new ThreadChoice(4, givesWay: true);
        Launch(choice, Busy, launches: 2);
        int[] threads = Launch(choice, Quiet, launches: 100);
        Assert.That(threads.Skip(7).Count(count => count == 4), Is.InRange(88, 92));
    }

    [Test]
    public void Without_a_choice_there_are_always_as_many_as_asked()
    {
        var choice = new ThreadChoice(4, givesWay: false);
        Assert.That(Launch(choice, Busy, launches: 100), Is.All.EqualTo(4));
    }

    static int[] Launch(ThreadChoice choice, Dictionary<int, double> times, int launches)
    {
        var threads = new int[launches];
        for (int launch = 0; launch < launches; launch++)
        {
            threads[launch] = choice.Threads;
            choice.Took(Steps, Steps * times[threads[launch]] / 1000);
        }
        return threads;
    }
}
