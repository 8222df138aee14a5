namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Memory that holds 32-bit values and is read in lanes: a view on the device, or a pointer on the CPU accelerator.</summary>
/// <typeparam name="TSelf">The memory.</typeparam>
/// <typeparam name="TLanes">The lanes.</typeparam>
interface IMemory<TSelf, TLanes>
    where TSelf : struct, IMemory<TSelf, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>The memory that a view stands for.</summary>
    /// <param name="view">The view.</param>
    static abstract TSelf At(ViewMemory view);

    /// <summary>The memory from a place on.</summary>
    /// <param name="offset">How many values further.</param>
    TSelf From(long offset);

    /// <summary>One value.</summary>
    /// <param name="index">Where it stands.</param>
    float Read(int index);

    /// <summary>One value, in every lane. A processor does this while it reads.</summary>
    /// <param name="index">Where it stands.</param>
    TLanes Broadcast(int index);

    /// <summary>Sets one value.</summary>
    /// <param name="index">Where it goes.</param>
    /// <param name="value">The value.</param>
    void Write(int index, float value);

    /// <summary>One whole number, which stands in the memory by its bits.</summary>
    /// <param name="index">Where it stands.</param>
    int ReadInteger(int index);

    /// <summary>Sets one whole number.</summary>
    /// <param name="index">Where it goes.</param>
    /// <param name="value">The number.</param>
    void WriteInteger(int index, int value);

    /// <summary>As many neighboring values as there are lanes.</summary>
    /// <param name="index">Where the first stands.</param>
    TLanes Load(int index);

    /// <summary>The first lanes of as many neighboring values; what the others hold does not count.</summary>
    /// <param name="index">Where the first stands.</param>
    /// <param name="count">How many lanes count.</param>
    TLanes LoadFirst(int index, int count);

    /// <summary>Stores the first lanes one after another. The others may be stored as well: behind the values there is padding.</summary>
    /// <param name="index">Where the first goes.</param>
    /// <param name="count">How many lanes count.</param>
    /// <param name="lanes">The lanes.</param>
    void StoreFirst(int index, int count, TLanes lanes);

    /// <summary>Stores the lanes one after another.</summary>
    /// <param name="index">Where the first goes.</param>
    /// <param name="lanes">The lanes.</param>
    void Store(int index, TLanes lanes);
}
