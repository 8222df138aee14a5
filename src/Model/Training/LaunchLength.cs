namespace Makemore.Gpu.Model.Training;

/// <summary>
/// How many steps a launch takes: as many as the form of the step likes, until something has to be done between two steps, and not more
/// than take half a second, since only between two launches an interrupt is heard.
/// </summary>
/// <param name="most">The most steps of a launch.</param>
sealed class LaunchLength(int most)
{
    const double LongestSeconds = 0.5;

    // The first step runs alone, since it compiles the kernels.
    int affordable = 1;

    /// <summary>The steps of the next launch.</summary>
    /// <param name="done">The steps that were done.</param>
    /// <param name="ends">The steps, above <paramref name="done"/>, at which a launch must end.</param>
    public int Next(int done, IEnumerable<int> ends) => Math.Min(Math.Min(most, affordable), ends.Min() - done);

    /// <summary>Takes in how long a launch took.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="seconds">Its time.</param>
    public void Took(int steps, double seconds) => affordable = (int)Math.Clamp(steps * LongestSeconds / seconds, 1, int.MaxValue);
}
