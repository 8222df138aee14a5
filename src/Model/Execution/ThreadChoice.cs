namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// With how many threads the next launch runs, where all numbers give the same bits: with the most, or with one where that is faster. Two
/// threads that wait for each other at each phase of a step lose by a neighbor that has one of their cores; so now and then, and where
/// launches have become slow, the other number has a try.
/// </summary>
/// <param name="most">The most threads.</param>
/// <param name="givesWay">Whether there is a choice; else it is always the most.</param>
sealed class ThreadChoice(int most, bool givesWay)
{
    // A launch in so many is a try, which costs some per cent where it is the slower one.
    const int LaunchesBetweenTries = 32;

    // Slow launches are tried to be mended after so many.
    const int LaunchesBetweenUrgentTries = 4;
    const double Slow = 1.3;

    bool hasMost = true;
    int sinceTry = LaunchesBetweenTries;
    bool isTry;
    bool hasLaunched;
    double last;
    double usual;

    /// <summary>The threads of the next launch.</summary>
    public int Threads => hasMost != isTry ? most : 1;

    /// <summary>Takes in how long a launch took.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="seconds">Its time.</param>
    public void Took(int steps, double seconds)
    {
        // The first launch compiles the kernel.
        if (most == 1 || !givesWay || !hasLaunched)
        {
            hasLaunched = true;
            return;
        }
        double time = seconds / steps;
        if (isTry)
        {
            (isTry, sinceTry) = (false, 0);
            if (time < last)
            {
                hasMost = !hasMost;
                last = time;
                // The other may have been slow only this once, as the first launches are, whose code is not yet optimized.
                sinceTry = LaunchesBetweenTries - LaunchesBetweenUrgentTries;
            }
            usual = last;
            return;
        }
        last = time;
        sinceTry++;
        isTry = sinceTry >= LaunchesBetweenTries || (sinceTry >= LaunchesBetweenUrgentTries && time > Slow * usual);
    }
}
