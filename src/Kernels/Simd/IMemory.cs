namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Memory of 32-bit values, which is read in lanes: a view on the device, or a pointer on the CPU accelerator.</summary>
/// <remarks>Offsets and indices count values. The index of lanes is that of the first.</remarks>
interface IMemory<TSelf, TLanes>
    where TSelf : struct, IMemory<TSelf, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>The memory of a view.</summary>
    static abstract TSelf At(ViewMemory view);

    /// <summary>The memory from an offset on.</summary>
    TSelf From(long offset);

    /// <summary>One value.</summary>
    float Read(int index);

    /// <summary>One value, in every lane. A processor does this in the load itself.</summary>
    TLanes Broadcast(int index);

    /// <summary>Stores one value.</summary>
    void Write(int index, float value);

    /// <summary>One integer, whose bits lie in the memory.</summary>
    int ReadInteger(int index);

    /// <summary>Stores the bits of one integer.</summary>
    void WriteInteger(int index, int value);

    /// <summary>As many neighboring values as there are lanes.</summary>
    TLanes Load(int index);

    /// <summary>Neighboring values in the first lanes, as many as counted; the other lanes hold anything.</summary>
    TLanes LoadFirst(int index, int count);

    /// <summary>Stores the first lanes, as many as counted. The others may be stored as well: padding follows the values.</summary>
    void StoreFirst(int index, int count, TLanes lanes);

    /// <summary>Neighboring values in the first lanes, as many as counted, and 0 in the others, whose values are not read.</summary>
    TLanes LoadPartial(int index, int count);

    /// <summary>Stores the first lanes, as many as counted, and nothing else.</summary>
    void StorePartial(int index, int count, TLanes lanes);

    /// <summary>Stores the lanes as neighboring values.</summary>
    void Store(int index, TLanes lanes);

    /// <summary>Brings a value nearer that is soon read or written, where there is an instruction for that.</summary>
    void Prefetch(int index);
}
