namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// A few neighboring values that are computed with as one: a vector register of the processor, named fields where there is none, or a value
/// in each thread of a GPU's warp. Code that is generic over its lanes is compiled anew for each kind, as if it had been written for it alone.
/// </summary>
/// <remarks>
/// Where lanes are threads, each of them runs the code. Then the threads share what is no vector by <see cref="Thread"/> and
/// <see cref="Threads"/>; a single value that all of them write is the same in each; and before one reads what another wrote, or writes over what
/// another reads, they <see cref="Sync"/>.
/// </remarks>
/// <typeparam name="TSelf">The lanes.</typeparam>
interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>How many values there are.</summary>
    static abstract int Count { get; }

    /// <summary>The most rows of a matrix product that are worth computing side by side: what the registers hold.</summary>
    static abstract int RegisterRows { get; }

    /// <summary>How many rows <see cref="SumRows"/> sums at a time.</summary>
    static abstract int RowsPerSum { get; }

    /// <summary>How many threads the lanes are spread over: 1 where one thread has them all.</summary>
    static abstract int Threads { get; }

    /// <summary>Which of them this one is.</summary>
    static abstract int Thread { get; }

    /// <summary>Lets the threads of the lanes wait for each other, and see what each has written. Nothing where there is one.</summary>
    static abstract void Sync();

    /// <summary>The sum of a value of each thread of the lanes, in all of them; the value itself where there is one thread.</summary>
    /// <param name="value">This thread's value.</param>
    static abstract float SumThreads(float value);

    /// <summary>The same value in every lane.</summary>
    /// <param name="value">The value.</param>
    static abstract TSelf Broadcast(float value);

    /// <summary>1 in the first lanes and 0 in the others: a factor that keeps padding out of a sum.</summary>
    /// <param name="count">How many ones; above <see cref="Count"/> is all.</param>
    static abstract TSelf Ones(int count);

    /// <summary>a + b, lane by lane.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b, lane by lane.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a · b, lane by lane.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a / b, lane by lane.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a · b + c, lane by lane; rounded once where the backend can.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    /// <param name="c">c.</param>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger one, lane by lane; b where one of them is NaN, on every accelerator.</summary>
    /// <param name="a">a. If one of the two is a constant, it is this one.</param>
    /// <param name="b">b.</param>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>√a, lane by lane.</summary>
    /// <param name="a">a.</param>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>The value or the nearer bound, lane by lane; NaN stays NaN.</summary>
    /// <param name="value">The value.</param>
    /// <param name="lowest">The lower bound.</param>
    /// <param name="highest">The upper bound.</param>
    static abstract TSelf Clamp(TSelf value, TSelf lowest, TSelf highest);

    /// <summary>a · 2^n, lane by lane, for whole numbers n from -126 to 127.</summary>
    /// <param name="a">a.</param>
    /// <param name="n">n.</param>
    static abstract TSelf Scale(TSelf a, TSelf n);

    /// <summary>e in a = m · 2^e with m in [½, 1), lane by lane, for positive normal numbers a.</summary>
    /// <param name="a">a.</param>
    static abstract TSelf Exponent(TSelf a);

    /// <summary>m in a = m · 2^e with m in [½, 1), lane by lane, for positive normal numbers a.</summary>
    /// <param name="a">a.</param>
    static abstract TSelf Significand(TSelf a);

    /// <summary>One value where a is less than b, else another, lane by lane; the other where one of the two is NaN.</summary>
    /// <param name="a">a. If one of the two is a constant, it is not this one: CUDA would take NaN for less.</param>
    /// <param name="b">b.</param>
    /// <param name="less">The value where a is less than b.</param>
    /// <param name="otherwise">The value elsewhere.</param>
    static abstract TSelf Select(TSelf a, TSelf b, TSelf less, TSelf otherwise);

    /// <summary>The value of the first lane; of lanes that are threads, this thread's.</summary>
    float First { get; }

    /// <summary>The sum of the lanes of each of <see cref="RowsPerSum"/> rows, as the first lanes.</summary>
    /// <typeparam name="TMemory">The memory.</typeparam>
    /// <param name="rows">Rows of <see cref="Count"/> values, one after another. They may be written over.</param>
    static abstract TSelf SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, TSelf>;

    /// <summary>Transposes a block of <see cref="Count"/> x <see cref="Count"/> values.</summary>
    /// <typeparam name="TMemory">The memory.</typeparam>
    /// <param name="source">The block.</param>
    /// <param name="sourceStride">From a row of the block to the next.</param>
    /// <param name="target">Where its transpose goes.</param>
    /// <param name="targetStride">From a row of the transpose to the next.</param>
    static abstract void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, TSelf>;
}
